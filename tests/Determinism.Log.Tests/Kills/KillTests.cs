using System.Diagnostics;
using System.Globalization;
using Determinism.Log.Tests.Crashes;
using Determinism.Log.Tests.Support;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Kills;

/// <summary>A process that records and is killed: its log has all that it said was durable. 40 kills in the quick tier, 300 in
/// the full one.</summary>
public class KillTests(ITestOutputHelper output)
{
    [Fact]
    public void Whenever_a_process_is_killed_its_log_has_all_that_was_acknowledged()
    {
        int kills = TestTier.Times(40, 300), withoutLog = 0, torn = 0, cuts = 0;
        long acknowledgements = 0;
        for (int seed = 1; seed <= kills; seed++)
        {
            using var folder = new TemporaryFolder();
            List<LogPosition> acknowledged = RecordAndKill(seed, folder.File("log"));
            acknowledgements += acknowledged.Count;
            FileEventLogReader reader;
            try
            {
                reader = new FileEventLogReader(folder.File("log"));
            }
            catch (Exception error) when (error is IOException or LogDamagedException && acknowledged.Count == 0)
            {
                withoutLog++;
                continue;
            }
            using (reader)
            {
                ClosedLog closed = ClosedLog.Of(reader);
                AppendedEvents appended = AppendedEvents.OfSynthetic(seed, reader);
                string? fault = Law9.FindFault(appended, reader, closed, acknowledged, out bool isCut);
                Assert.True(fault is null, $"Seed {seed}: {fault}");
                cuts += isCut ? 1 : 0;
                torn += reader.Tail.IgnoredBytes > 0 ? 1 : 0;
            }
        }
        output.WriteLine($"Seeds 1 to {kills}: {kills} kills, {acknowledgements} acknowledgements; {withoutLog} without a log, "
            + $"{torn} torn, {cuts} cut.");
        Assert.True(acknowledgements > kills);
    }

    /// <summary>6 kills in the quick tier, 100 in the full one.</summary>
    [Fact]
    public void Whenever_a_flight_recorder_is_killed_its_tail_replays()
    {
        int kills = TestTier.Times(6, 100), moved = 0;
        for (int seed = 1; seed <= kills; seed++)
        {
            using var folder = new TemporaryFolder();
            int lines = RecordFlightAndKill(seed, folder.File("log"));
            LogVerification found = LogVerifier.Verify(folder.File("log"));
            Assert.True(found.IsIntact, $"Seed {seed}: {string.Join(", ", found.Problems)}");
            using var log = new FileEventLogReader(folder.File("log"));
            ClosedLog closed = ClosedLog.Of(log);
            Assert.True(log.IsBeginningDropped || lines == 0, $"Seed {seed}");
            moved += log.IsBeginningDropped ? 1 : 0;
            using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(closed));
            using Replaying.ReplaySession session = MachineRuns.StartReplay(machine, closed);
            machine.Run(session);
            for (int agent = 0; agent < closed.StreamCount; agent++)
                Assert.True(closed.Cuts[agent].Events == session.Agent(agent).CompletedEvents, $"Seed {seed}, agent {agent}");
        }
        output.WriteLine($"Seeds 1 to {kills}: {kills} kills, {moved} logs had lost their oldest part; all were replayed to where they broke off.");
        Assert.True(moved > kills / 2);
    }

    private static int RecordFlightAndKill(int seed, string folder)
    {
        var random = new Random(seed);
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "Determinism.Log.Killed.dll"), folder,
                seed.ToString(CultureInfo.InvariantCulture), "3", "flight"])
        {
            RedirectStandardOutput = true,
        })!;
        int lines = 0;
        try
        {
            // Mostly right when it has dropped something, and has told of it.
            for (int wanted = random.Next(1, 5); lines < wanted && process.StandardOutput.ReadLine() is not null;)
                lines++;
            Thread.SpinWait(random.Next(1_000_000));
        }
        finally
        {
            process.Kill();
        }
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(OperatingSystem.IsWindows() ? -1 : 137, process.ExitCode);
        return lines;
    }

    private static List<LogPosition> RecordAndKill(int seed, string folder)
    {
        var random = new Random(seed);
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "Determinism.Log.Killed.dll"), folder,
                seed.ToString(CultureInfo.InvariantCulture), (2 + (seed % 3)).ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        })!;
        var acknowledged = new List<LogPosition>();
        try
        {
            // Some are killed while they begin, the others after so many acknowledgements and a little.
            if (seed % 8 == 0)
                Patience.WaitFor(() => Directory.Exists(folder));
            else
                Read(process.StandardOutput, acknowledged, random.Next(1, seed % 2 == 0 ? 80 : 20));
            Thread.SpinWait(random.Next(100_000));
        }
        finally
        {
            process.Kill();
        }
        // What was said before the kill and not yet heard.
        Read(process.StandardOutput, acknowledged, int.MaxValue);
        process.WaitForExit();
        // 128 + SIGKILL: it did not end by itself.
        Assert.Equal(OperatingSystem.IsWindows() ? -1 : 137, process.ExitCode);
        return acknowledged;
    }

    private static void Read(StreamReader output, List<LogPosition> acknowledged, int lines)
    {
        for (; lines > 0 && output.ReadLine() is { } line; lines--)
        {
            string[] fields = line.Split(' ');
            acknowledged.Add(new LogPosition(int.Parse(fields[0], CultureInfo.InvariantCulture),
                long.Parse(fields[1], CultureInfo.InvariantCulture)));
        }
    }
}

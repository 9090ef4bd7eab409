using System.Net;
using System.Text.RegularExpressions;
using Determinism.Debugging.Tests.Recordings;
using Determinism.Emulation.History;
using Xunit.Abstractions;

namespace Determinism.Debugging.Tests.Gdb;

/// <summary>The tutorial's script, on whatever recording comes, with the stock gdb.</summary>
public class TutorialTests(ITestOutputHelper output)
{
    private static readonly string s_root = FindRoot();

    [SkippableTheory]
    [InlineData(2, ClockKind.RetiredInstructions)]
    [InlineData(3, ClockKind.SoftwareCounter)]
    public async Task The_script_finds_the_two_accesses_that_lost_an_update(int vcpus, ClockKind clock)
    {
        string? gdb = GdbProcess.Find();
        Skip.If(gdb is null, GdbProcess.Missing);
        using RecordedHistory history = RecordLoss(vcpus, clock);
        using var ending = new CancellationTokenSource();
        using var listener = new GdbListener(new GdbServer(new HistoryTarget(history, history.Commands)), new IPEndPoint(IPAddress.Loopback, 0));
        Task running = listener.RunAsync(ending.Token);
        string said = await GdbProcess.RunAsync(gdb!, [Path.Combine(s_root, "samples/Guests/bin/racy.elf"), "-ex", $"target remote {listener.LocalEndPoint}",
            "-x", Path.Combine(s_root, "samples/Debugging/lost-update.gdb")]);
        output.WriteLine(said);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Match writes = Assert.Single(Regex.Matches(said, @"^thread (\d+) is about to write \d+ over (\d+)", RegexOptions.Multiline));
        Match read = Assert.Single(Regex.Matches(said, @"^thread (\d+) has read (\d+)", RegexOptions.Multiline));
        MatchCollection between = Regex.Matches(said, @"^thread (\d+) writes it in between", RegexOptions.Multiline);
        Assert.Equal(writes.Groups[1].Value, read.Groups[1].Value);
        Assert.NotEmpty(between);
        Assert.All(between, one => Assert.NotEqual(writes.Groups[1].Value, one.Groups[1].Value));
        Assert.True(long.Parse(read.Groups[2].Value) < long.Parse(writes.Groups[2].Value));
    }

    [Fact]
    public void The_page_shows_the_script_as_it_is()
    {
        string script = File.ReadAllText(Path.Combine(s_root, "samples/Debugging/lost-update.gdb"));
        Assert.Contains(script, File.ReadAllText(Path.Combine(s_root, "docs/debugging.md")), StringComparison.Ordinal);
    }

    /// <summary>A recording in which an update was lost, as in most.</summary>
    private static RecordedHistory RecordLoss(int vcpus, ClockKind clock)
    {
        for (ulong seed = 1; seed < 100; seed++)
        {
            var history = new RecordedHistory(Recorded.Record("racy", vcpus, clock, seed: seed));
            history.Seek(ulong.MaxValue, CancellationToken.None);
            var counter = new byte[8];
            history.ReadMemory(history.Configuration.Image.Symbols.Single(symbol => symbol.Name == "counter").Address, counter);
            if (BitConverter.ToUInt64(counter) < history.Configuration.Parameters[0])
                return history;
            history.Dispose();
        }
        throw new InvalidOperationException("No update was lost in a hundred recordings.");
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Determinism.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}

using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.RecordReplay;

/// <summary>A log that was kept in a folder: recorded into, and replayed later, also after the recording was killed.</summary>
internal static class KeptLog
{
    // What a crash may cost.
    private static readonly TimeSpan s_commit = TimeSpan.FromMilliseconds(100);

    private static readonly LogWriteOptions s_options = new()
    {
        Commit = CommitPolicy.Every(s_commit), Time = TimeProvider.System, Compression = BlockCodec.Lz4,
    };

    public static string PathOf(string folder, string workload) => Path.Combine(folder, workload + ".detlog");

    /// <summary>Begins a log in place of an earlier one.</summary>
    public static FileEventLog Create(string folder, string workload, int agents) =>
        new(MakeRoom(folder, workload), agents, s_options with { Identity = Guid.NewGuid() });

    /// <summary>Begins a flight recorder's log in place of an earlier one.</summary>
    public static FlightRecorder Create(string folder, string workload, int agents, long keepBytes) =>
        new(MakeRoom(folder, workload), agents, new FlightRecorderOptions
        {
            KeepBytes = keepBytes, Time = TimeProvider.System, Log = s_options with { Identity = Guid.NewGuid() },
        });

    private static string MakeRoom(string folder, string workload)
    {
        string path = PathOf(folder, workload);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        Directory.CreateDirectory(folder);
        return path;
    }

    /// <summary>Replays a log, or what can be replayed of it, and says where that ends.</summary>
    public static ExitCode Replay(string path, IMachineBackend backend, TextWriter output)
    {
        using var log = new FileEventLogReader(path);
        if (log.Tail.IgnoredBytes > 0)
            output.WriteLine($"{log.Tail.IgnoredBytes} bytes at the end are no whole block: {log.Tail.Reason}");
        IEventLogReader whole = log.IsComplete ? log : Cut(log, output);
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(whole), backend, Surroundings.Make());
        using ReplaySession session = MachineRuns.StartReplay(machine, whole);
        try
        {
            machine.Run(session);
        }
        catch (ReplayDivergenceException divergence)
        {
            output.WriteLine(divergence.Message);
            return ExitCode.Divergence;
        }
        output.Write(MachineState.Capture(machine).Console);
        for (int agent = 0; agent < session.Shape.AgentCount; agent++)
            output.WriteLine($"agent {agent}: {session.Agent(agent).CompletedEvents} events, to {session.Agent(agent).Point}");
        output.WriteLine(session.ReachedEveryEnd ? "replayed to the end" : "replayed up to where the recording broke off");
        return ExitCode.Identical;
    }

    private static ClosedLog Cut(FileEventLogReader log, TextWriter output)
    {
        ClosedLog closed = ClosedLog.Of(log);
        output.WriteLine("the recording was not completed; "
            + $"{closed.Cuts.Sum(cut => (long)cut.DroppedEvents)} events are left out because what caused them is lost");
        return closed;
    }
}

using Determinism.Emulation;
using Determinism.Log.Fuzz;
using Determinism.Machine;
using Determinism.Machine.Tests;

namespace Determinism.Log.Tests.Support;

/// <summary>A recorded run: the folder of its log, the folder as it was at moments before its end, and how it ended.</summary>
internal sealed record RecordedRun(
    SortedDictionary<string, byte[]> Files, IReadOnlyList<SortedDictionary<string, byte[]>> CutShort, MachineState End);

/// <summary>Records guests on the managed machine into folders in memory.</summary>
internal static class Recordings
{
    private static readonly Dictionary<string, ulong[]> s_tiny = new()
    {
        ["racy"] = [24, 4],
        ["devices"] = [1, 20000, 1],
        ["radix"] = [64],
        ["prodcons"] = [20],
        ["migratory"] = [6, 8],
    };

    /// <summary>The smallest runs: logs of a few thousand bytes of events.</summary>
    public static MachineConfiguration Tiny(string guest, int vcpus = 2) =>
        MachineRunner.Configure(guest, vcpus, ClockKind.RetiredInstructions) with
        {
            Parameters = s_tiny[guest], MemoryBytes = 8UL << 20, Disk = new byte[16 * 512],
        };

    public static RecordedRun Record(MachineConfiguration configuration, string scheduler, LogWriteOptions options, int seed,
        int eventsPerCommit)
    {
        var storage = new MemoryStorage();
        using var log = new CommittingLog(
            new FileEventLog(storage, configuration.VcpuCount + 1, options), storage, seed, eventsPerCommit);
        MachineState end = MachineRunner.Record(
            configuration, MachineRunner.MakeScheduler(scheduler, configuration.VcpuCount, (ulong)seed), log);
        return new RecordedRun(storage.Copy(), log.Copies, end);
    }
}

using Determinism.Log;
using Determinism.Tests.Oracle;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Planted;

/// <summary>Records under full observation, then replays, and says all that is wrong.</summary>
internal static class Judge
{
    /// <summary>What one fault was granted is kept until the instruction has retired. Not counted with messages about: an
    /// interrupt taken at the fault lets the pins go.</summary>
    private const int MostFaultsAllowed = 1;

    public static Finding Of(ScriptedRun run)
    {
        using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
        var trace = new AccessTrace();
        Outcome recorded = run.TryRecord(log, trace, out _);
        Finding finding = recorded.Violations.Count > 0 ? Finding.Exclusion : Finding.None;
        if (!run.Shape.HasEvents && recorded.MostFaults > MostFaultsAllowed)
            finding |= Finding.Progress;
        if (recorded.Failure is not null)
            return finding | Finding.RecordingFailed;

        DecodedEvent[][] streams = DecodedLog.Read(log);
        var order = new HappensBefore(streams);
        if (order.Cycle.Length > 0)
            return finding | Finding.Cycle;
        if (ConflictOracle.FindUnordered(trace.Accesses, streams, order).Length > 0)
            finding |= Finding.Order;
        if (order.FindImplied().Any())
            finding |= Finding.Economy;
        return finding | OfReplay(run, recorded, log);
    }

    public static Finding OfReplay(ScriptedRun run, Outcome recorded, IEventLogReader log)
    {
        Outcome replayed = run.TryReplay(log);
        if (replayed.Failure is not null)
            return Finding.ReplayStopped;
        return replayed.Fingerprint == recorded.Fingerprint ? Finding.None : Finding.Silent;
    }
}

using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.Kvm.Tests;

/// <summary>One recording, and how its replays compare with it.</summary>
internal sealed record Recorded(string What, MemoryEventLog Log, MachineState State, SessionStatistics Statistics)
{
    public static Recorded Make(MachineConfiguration configuration, IMachineBackend backend, string scheduler, ulong seed = 1)
    {
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        RecordingSession? session = null;
        MachineState state = MachineRunner.Record(configuration,
            MachineRunner.MakeScheduler(scheduler, configuration.VcpuCount, seed), log, made => session = made,
            backend: backend, time: MachineRunner.TimeOf(scheduler));
        return new Recorded(
            $"{configuration.GuestName} on {configuration.VcpuCount} vCPUs, {scheduler} {seed}, recorded on {backend.Name}",
            log, state, session!.Statistics);
    }

    /// <summary>Replays, and demands the same bits by the same events.</summary>
    public void AssertReplaysOn(params IReadOnlyList<IMachineBackend> backends)
    {
        foreach (IMachineBackend backend in backends)
        {
            string? difference = FindDifference(backend);
            Assert.True(difference is null, $"{What}, replayed on {backend.Name}: {difference}");
        }
    }

    private string? FindDifference(IMachineBackend backend)
    {
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(Log), backend);
        using ReplaySession session = MachineRuns.StartReplay(machine, Log);
        machine.Run(session);
        if (!session.ReachedEveryEnd)
            return "an agent did not come to its end";
        foreach ((EventKind kind, long count) in Statistics.Events)
        {
            long again = session.Statistics.Events.GetValueOrDefault(kind);
            if (again != count)
                return $"{again} events {kind} against {count}";
        }
        return session.Statistics.Constraints == Statistics.Constraints
            ? State.FindDifference(MachineState.Capture(machine))
            : $"{session.Statistics.Constraints} constraints against {Statistics.Constraints}";
    }
}

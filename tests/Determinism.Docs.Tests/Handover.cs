using Determinism.Conformance;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.Docs.Tests;

/// <summary>The worked example of docs/concepts.md.</summary>
internal static class Handover
{
    private static readonly MachineShape s_shape = new() { VcpuCount = 2, MemoryBytes = 1 << 16 };

    public static ScriptedMachine MakeMachine() => new(new ConformanceProgram(1,
    [
        [GuestStep.Work(2), GuestStep.Store(0x1000, 42)],
        [GuestStep.Copy(0x1000, 0x2000)],
    ]), ClockKind.RetiredInstructions, memoryBytes: 1 << 16);

    public static MemoryEventLog Record(ScriptedMachine machine)
    {
        var log = new MemoryEventLog(2);
        using RecordingSession session = RecordingSession.Start(machine, s_shape, log, new RecordingOptions
        {
            Time = TimeProvider.System, Guest = "handover", InitialState = 0,
        });
        RunVcpu(machine, session.Agent(0));
        RunVcpu(machine, session.Agent(1));
        session.Complete();
        return log;
    }

    public static void Replay(ScriptedMachine machine, MemoryEventLog log)
    {
        using ReplaySession session = ReplaySession.Start(machine, log, new ReplayOptions
        {
            Guest = "handover", InitialState = 0,
        });
        // The other one first: it waits for its turn.
        Task second = Task.Run(() => RunVcpu(machine, session.Agent(1)));
        RunVcpu(machine, session.Agent(0));
        second.Wait();
        session.Complete();
    }

    private static void RunVcpu(ScriptedMachine machine, AgentSession vcpu)
    {
        bool isRunning = true;
        while (isRunning && vcpu.TryEnter(out RunSlice slice))
        {
            GuestExit exit = machine.Run(vcpu.Id, slice);
            vcpu.Exited(exit.Kind);
            if (exit.Kind == ExitKind.Fault)
                isRunning = vcpu.Fault(exit.Accesses.Span);
            else if (exit.Code == GuestExit.End)
                isRunning = false;
        }
        vcpu.End();
    }

    public static IEnumerable<string> Describe(IEventLogReader log, int vcpu)
    {
        var decoder = new EventDecoder(agentCount: 2);
        ReadOnlyMemory<byte> rest = log.ReadEvents(vcpu, 0);
        for (int number = 1; !rest.IsEmpty; number++)
        {
            decoder.TryRead(rest.Span, out StreamEvent one, out _, out int consumed);
            string after = string.Concat(decoder.Constraints.ToArray()
                .Select(source => $", after event {source.EventNumber} of vCPU {source.Agent}"));
            yield return $"vCPU {vcpu}, event {number}: {EventText.Describe(one)}{after}";
            rest = rest[consumed..];
        }
    }
}

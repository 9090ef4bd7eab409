using Determinism.Log;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>Recording that is switched off: the same loop, the same guest.</summary>
public class UnrecordedTests
{
    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void One_vCPU_comes_to_the_same_end_recorded_or_not(ClockKind clock)
    {
        var run = new ScriptedRun(new ProgramShape { Seed = 4, Vcpus = 1, HasEvents = false }) { Clock = clock };
        using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
        Outcome recorded = run.Record(log);

        var machine = new ScriptedMachine(run.Program, clock);
        using UnrecordedSession session = UnrecordedSession.Start(machine.Backend, run.Program.Shape);
        Outcome free = machine.Run(session);
        session.Complete();

        Assert.Equal(recorded.Fingerprint, free.Fingerprint);
    }

    [Fact]
    public void Many_vCPUs_with_messages_and_transfers_come_to_an_end()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            ScriptProgram program = new ProgramShape { Seed = seed, Vcpus = 6 }.Build();
            var machine = new ScriptedMachine(program, ClockKind.RetiredInstructions, Hazards.All(seed));
            using UnrecordedSession session = UnrecordedSession.Start(machine.Backend, program.Shape);
            machine.Run(session);
            session.Complete();
        }
    }
}

using Determinism.Log;
using Determinism.Scheduling;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Machine.Tests;

/// <summary>What a guest does wrong is told as the guest's error, and never keeps the machine busy for ever.</summary>
public class GuestErrorTests
{
    [Fact]
    public void The_first_page_is_never_accessible() => AssertGuestError(code => code.mov(rax, __qword_ptr[8]));

    [Fact]
    public void An_operand_outside_of_memory_is_the_guests_error_also_beside_one_that_faults() => AssertGuestError(code =>
    {
        code.mov(rsi, AssembledGuest.Data);
        code.mov(rdi, 1UL << 40);
        code.movsq();
    });

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(64UL)]
    public void Vectors_of_devices_and_those_there_are_not_are_refused(ulong vector) =>
        AssertGuestError(code => code.Service(GuestPort.InterruptSend, 0, vector));

    [Theory]
    [InlineData(GuestLayout.ControlPages - 4)]
    [InlineData(GuestLayout.ControlPagesEnd - 4)]
    public void An_access_across_the_border_of_the_control_pages_is_recorded_and_replayed(ulong address)
    {
        MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.RetiredInstructions, code =>
        {
            code.mov(rbx, address);
            code.mov(rax, __qword_ptr[rbx]);
            code.Service(GuestPort.Exit);
        });
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(configuration, new ParallelScheduler(), log);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
    }

    private static void AssertGuestError(Action<Assembler> wrong)
    {
        MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.RetiredInstructions, code =>
        {
            wrong(code);
            code.Service(GuestPort.Exit);
        });
        Assert.Throws<GuestErrorException>(() => MachineRunner.Record(configuration, new ParallelScheduler(),
            new MemoryEventLog(configuration.Shape.AgentCount)));
    }
}

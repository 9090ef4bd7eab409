using Determinism.Log;
using Determinism.Recording;
using Determinism.Scheduling;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Machine.Tests;

/// <summary>No interrupt is lost, and none leaves a trace that a replay could not leave.</summary>
public class InterruptTests
{
    private const ulong Seen = AssembledGuest.Data;
    private const ulong Contested = AssembledGuest.Data + 0x1000;
    private const ulong Flags = AssembledGuest.Data + 0x2000;

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void An_interrupt_that_came_while_masked_arrives_although_the_guest_then_only_spins(ClockKind clock)
    {
        RecordAndReplay(AssembledGuest.Configure(1, clock, code =>
        {
            Label handler = code.CreateLabel(), masked = code.CreateLabel(), wait = code.CreateLabel();
            // No fault later on: it would be one more exit to deliver at.
            code.mov(__qword_ptr[Seen], 0);
            code.push(rax);
            code.pop(rax);
            code.Service(GuestPort.HandlerSet, handler);
            code.mov(__dword_ptr.gs[16], 1);
            code.Service(GuestPort.InterruptSend, 0, 5);
            code.mov(ecx, 20_000);
            code.Label(ref masked);
            Action trap1 = code.Poll();
            code.dec(ecx);
            code.jne(masked);
            code.mov(__dword_ptr.gs[16], 0);
            code.Label(ref wait);
            Action trap2 = code.Poll();
            code.cmp(__qword_ptr[Seen], 0);
            code.je(wait);
            code.Service(GuestPort.Exit);
            WriteHandler(code, ref handler);
            trap1();
            trap2();
        }), new ParallelScheduler());
    }

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void An_interrupt_that_was_sent_before_its_vcpu_was_started_arrives(ClockKind clock)
    {
        RecordAndReplay(AssembledGuest.Configure(2, clock, code =>
        {
            Label handler = code.CreateLabel(), second = code.CreateLabel(), delay = code.CreateLabel();
            code.Service(GuestPort.InterruptSend, 1, 5);
            code.mov(ecx, 200_000);
            code.Label(ref delay);
            Action trap1 = code.Poll();
            code.dec(ecx);
            code.jne(delay);
            code.StartVcpu(1, second);
            code.Service(GuestPort.Exit);
            code.Label(ref second);
            code.mov(__dword_ptr.gs[16], 1);
            code.Service(GuestPort.HandlerSet, handler);
            code.cmp(eax, eax);
            code.Service(GuestPort.Halt);
            code.Service(GuestPort.Exit);
            WriteHandler(code, ref handler);
            trap1();
        }), new ParallelScheduler());
    }

    [Fact]
    public async Task Waiting_for_an_interrupt_without_a_handler_can_be_cancelled()
    {
        MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.RetiredInstructions, code =>
        {
            code.Service(GuestPort.InterruptSend, 0, 5);
            code.Service(GuestPort.Halt);
            code.Service(GuestPort.Exit);
        });
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = MachineRuns.StartRecording(machine,
            new MemoryEventLog(configuration.Shape.AgentCount), new ParallelScheduler(), TimeProvider.System);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Task run = Task.Run(() => machine.Run(session, cancellation.Token));
        await Assert.ThrowsAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    // A poll's flags tell its limit, which a replay sets to something else; a poll that traps has them cleared. So the frame
    // is lost at the first poll, the second does not trap, the next instruction faults and waits, and meanwhile an interrupt
    // comes, whose handler stores the flags.
    [Fact]
    public void A_handler_never_sees_flags_that_tell_the_limit_of_a_poll()
    {
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
        {
            const int Rounds = 2000;
            Label handler = code.CreateLabel(), first = code.CreateLabel(), second = code.CreateLabel();
            Label fight = code.CreateLabel();
            code.Service(GuestPort.HandlerSet, handler);
            code.StartVcpu(1, second);
            code.mov(ecx, Rounds);
            code.Label(ref first);
            Action trap1 = code.Poll();
            Action trap2 = code.Poll();
            code.mov(__qword_ptr[Contested], rcx);
            code.dec(ecx);
            code.jne(first);
            code.Service(GuestPort.Exit);
            code.Label(ref second);
            code.mov(ecx, Rounds);
            code.Label(ref fight);
            code.Service(GuestPort.InterruptSend, 0, 5);
            code.mov(__qword_ptr[Contested], rcx);
            Action trap3 = code.Poll();
            code.dec(ecx);
            code.jne(fight);
            code.Service(GuestPort.Exit);
            WriteHandler(code, ref handler);
            trap1();
            trap2();
            trap3();
        });
        for (ulong seed = 1; seed <= 5; seed++)
            RecordAndReplay(configuration, new ChaosScheduler(seed, 2, 20));
    }

    /// <summary>Counts interrupts and notes the flags of each.</summary>
    private static void WriteHandler(Assembler code, ref Label handler)
    {
        code.Label(ref handler);
        code.push(rax);
        code.lahf();
        code.push(rbx);
        code.mov(rbx, __qword_ptr[Seen]);
        code.and(ebx, 0xFFF);
        code.mov(__byte_ptr[rbx + (int)Flags], ah);
        code.inc(__qword_ptr[Seen]);
        code.pop(rbx);
        code.sahf();
        code.pop(rax);
        code.lea(rsp, __[rsp + 8]);
        code.mov(__dword_ptr.gs[16], 0);
        code.ret();
    }

    private static void RecordAndReplay(MachineConfiguration configuration, IVcpuScheduler scheduler)
    {
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(configuration, scheduler, log);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
    }
}

using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>Guests without polls: no place in them can be named but where they leave by themselves.</summary>
public class WithoutClockTests
{
    private const ulong Word = AssembledGuest.Data;
    private const uint Turns = 40;

    [SkippableTheory]
    [InlineData("radix")]
    [InlineData("barnes")]
    public void One_vcpu_at_a_time_is_recorded_and_replayed(string guest)
    {
        OnKvm.Need();
        // One vCPU: these guests spin, and without polls nobody takes turns with one that spins.
        Recorded.Make(MachineRunner.Configure(guest, 1, ClockKind.None), OnKvm.Backend, "serial")
            .AssertReplaysOn(OnKvm.Backend, OnKvm.Backend);
    }

    [SkippableFact]
    public void Vcpus_that_take_turns_at_services_are_recorded_serialised_and_their_races_replayed()
    {
        OnKvm.Need();
        var outcomes = new HashSet<string>();
        int runs = 0;
        // On a busy computer turns may fall alike for a while: more recordings then, until two differ.
        for (; runs < TestTier.Times(10, 100) || (outcomes.Count < 2 && runs < 300); runs++)
        {
            Recorded recorded = Recorded.Make(
                AssembledGuest.Configure(2, ClockKind.None, WriteTurns), OnKvm.Backend, "serial");
            recorded.AssertReplaysOn(OnKvm.Backend);
            outcomes.Add(recorded.State.Console);
        }
        Console.WriteLine($"serialised without a clock: {outcomes.Count} outcomes of {runs} recordings");
        Assert.True(outcomes.Count >= 2, "All recordings had one outcome: replaying them proves nothing.");
    }

    [SkippableFact]
    public void In_parallel_they_are_refused_and_the_reason_is_the_clock()
    {
        OnKvm.Need();
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.None, WriteTurns);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        Assert.Contains("clock", Assert.Throws<RecordingRefusedException>(() => MachineRunner.Record(configuration,
            MachineRunner.MakeScheduler("parallel", 2), log, backend: OnKvm.Backend)).Message, StringComparison.Ordinal);
    }

    /// <summary>Both vCPUs append their letters to one text, with a service between reading and writing its length, and
    /// print the text at the end: who came when is in it.</summary>
    private static void WriteTurns(Assembler code)
    {
        Label turn = code.CreateLabel(), last = code.CreateLabel();
        code.StartBoth();
        code.mov(ebx, __dword_ptr.gs[24]);
        code.mov(r12d, Turns);
        code.mov(r13, Word);
        code.Label(ref turn);
        code.mov(rcx, __qword_ptr[r13]);
        code.@out((byte)GuestPort.Clock, al);
        code.lea(edx, __dword_ptr[rbx + 'a']);
        code.mov(__byte_ptr[r13 + rcx + 8], dl);
        code.inc(rcx);
        code.mov(__qword_ptr[r13], rcx);
        code.dec(r12d);
        code.jne(turn);
        code.mov(eax, 1);
        code.@lock.xadd(__qword_ptr[r13 + 0x800], rax);
        code.test(rax, rax);
        code.jne(last);
        code.Service(GuestPort.Exit);
        code.Label(ref last);
        code.mov(rsi, __qword_ptr[r13]);
        code.lea(rdi, __[r13 + 8]);
        code.@out((byte)GuestPort.ConsoleWrite, al);
        code.Service(GuestPort.Exit);
    }
}

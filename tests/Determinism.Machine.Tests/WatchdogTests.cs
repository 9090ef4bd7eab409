using Determinism.Log;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Machine.Tests;

/// <summary>A run that does not end is ended, and says where everybody is and who waits for whom.</summary>
public class WatchdogTests
{
    // Long enough for every vCPU to come to where it is stuck, on a busy machine too.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(3);

    [Fact]
    public void A_guest_that_spins_is_ended_and_its_place_told()
    {
        MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.RetiredInstructions, code =>
        {
            Label loop = code.CreateLabel();
            code.Label(ref loop);
            code.jmp(loop);
        });
        using GuestMachine machine = Make(configuration);
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        string diagnosis = Assert.Throws<StuckGuestException>(() => machine.Run(session)).Message;
        Assert.Contains("vCPU 0: InGuest at 0x400000", diagnosis, StringComparison.Ordinal);
        Assert.Contains("No agent waits", diagnosis, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_polls_for_ever_is_ended_while_it_is_recorded_and_the_log_is_complete_so_far()
    {
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
        {
            Label loop = code.CreateLabel(), both = code.CreateLabel();
            code.StartVcpu(1, both);
            code.Label(ref both);
            code.mov(rax, AssembledGuest.Data);
            code.Label(ref loop);
            Action trap = code.Poll();
            code.inc(__qword_ptr[rax]);
            code.jmp(loop);
            trap();
        });
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine machine = Make(configuration);
        using var session = MachineRuns.StartRecording(
            machine, log, MachineRunner.MakeScheduler("parallel", 2), TimeProvider.System);
        string diagnosis = Assert.Throws<StuckGuestException>(() => machine.Run(session)).Message;
        Assert.Contains("vCPU 0: In", diagnosis, StringComparison.Ordinal);
        Assert.Contains("vCPU 1: In", diagnosis, StringComparison.Ordinal);
        // What was recorded until then replays.
        MachineRunner.Replay(log);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_machine_in_which_everybody_has_halted_is_dead_and_says_so(bool isRecorded)
    {
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
        {
            Label both = code.CreateLabel();
            code.StartVcpu(1, both);
            code.Label(ref both);
            // Defines all flags, as HALT wants it.
            code.cmp(rax, rax);
            code.@out((byte)GuestPort.Halt, al);
            code.Service(GuestPort.Exit);
        });
        using GuestMachine machine = Make(configuration);
        using ExecutionSession session = isRecorded
            ? MachineRuns.StartRecording(machine, new MemoryEventLog(configuration.Shape.AgentCount),
                MachineRunner.MakeScheduler("parallel", 2), TimeProvider.System)
            : MachineRuns.StartUnrecorded(machine);
        string diagnosis = Assert.Throws<StuckGuestException>(() => machine.Run(session)).Message;
        Assert.Contains("vCPU 0: Halted", diagnosis, StringComparison.Ordinal);
        Assert.Contains("vCPU 1: Halted", diagnosis, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vcpu_that_waits_for_a_frame_is_named_with_its_holder()
    {
        // The holder never comes to a poll; the check of the code would refuse it.
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
        {
            Label second = code.CreateLabel(), spin = code.CreateLabel(), wait = code.CreateLabel();
            code.mov(rax, AssembledGuest.Data);
            code.mov(__qword_ptr[rax], 1);
            code.StartVcpu(1, second);
            code.mov(rcx, long.MaxValue);
            code.Label(ref spin);
            code.nop();
            code.jmp(spin);
            code.Label(ref second);
            code.mov(rax, AssembledGuest.Data);
            code.mov(__qword_ptr[rax], 2);
            code.Label(ref wait);
            code.Service(GuestPort.Exit);
        });
        using GuestMachine machine = Make(configuration);
        var unchecked_ = new UncheckedProcessors(machine.Processors);
        using var session = Recording.RecordingSession.Start(unchecked_, configuration.Shape,
            new MemoryEventLog(configuration.Shape.AgentCount), new Recording.RecordingOptions
            {
                Time = TimeProvider.System, Guest = "spins", InitialState = 1,
            });
        string diagnosis = Assert.Throws<StuckGuestException>(() => machine.Run(session)).Message;
        // Its inbox or the word: whichever vCPU 0 had when it came to spin.
        Assert.Matches("Agent 1 waits for ReadWrite on frame 0x(410|1004), held by agent 0 \\(Running, asked", diagnosis);
        Assert.Contains("vCPU 0: InGuest", diagnosis, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_is_no_time_is_refused()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(configuration, TimeSpan.Zero));
    }

    private static GuestMachine Make(MachineConfiguration configuration, TimeSpan? limit = null) =>
        new(configuration, new Emulation.ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = () => 0, TimeLimit = limit ?? s_limit,
        });

    /// <summary>The same vCPUs without the check of the guest's code, which would refuse this one.</summary>
    private sealed class UncheckedProcessors(IGuestProcessors inner) : IVmBackend, IForcedExit
    {
        public BackendCapabilities Capabilities => inner.Capabilities;

        public int StateBytes => inner.StateBytes;

        public void SetRight(int vcpu, ulong frame, AccessRight right) => inner.SetRight(vcpu, frame, right);

        public void SetAllRights(AccessRight right) => inner.SetAllRights(right);

        public void RequestExit(int vcpu) => inner.RequestExit(vcpu);

        public void ForceExit(int vcpu) => ((IForcedExit)inner).ForceExit(vcpu);

        public ExecutionPoint ReadPoint(int vcpu) => inner.ReadPoint(vcpu);

        public int CaptureState(int vcpu, Span<byte> destination) => inner.CaptureState(vcpu, destination);

        public void ReadMemory(ulong address, Span<byte> destination) => inner.ReadMemory(address, destination);

        public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => inner.WriteMemory(address, source);
    }
}

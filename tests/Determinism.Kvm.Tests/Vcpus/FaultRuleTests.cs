using Determinism.Kvm.Tables;
using Determinism.Kvm.Vcpus;
using Determinism.Log;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Vcpus;

/// <summary>Faults that come for ever, faults that may come again, and exceptions of every number.</summary>
public class FaultRuleTests
{
    private const ulong Made = BareVcpu.Data + 0x4000;

    [SkippableFact]
    public void A_right_that_does_not_reach_the_view_ends_the_recording_with_the_instruction()
    {
        OnKvm.Need();
        MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.SoftwareCounter, code =>
        {
            code.mov(rbx, AssembledGuest.Data + 0x3000);
            code.inc(__qword_ptr[rbx]);
            code.Service(GuestPort.Exit);
        });
        var backend = new ForgetfulBackend((AssembledGuest.Data + 0x3000) >> 12);
        var error = Assert.Throws<GuestErrorException>(() => MachineRunner.Record(configuration,
            MachineRunner.MakeScheduler("parallel", 1), new MemoryEventLog(configuration.Shape.AgentCount), backend: backend));
        Assert.Contains("faults for ever", error.Message, StringComparison.Ordinal);
        Assert.Contains("its rights cover inc ", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_fault_at_another_iteration_of_a_string_instruction_is_another_fault()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        var faults = new FaultReader(bare.Vcpu);
        // rep stosq; out 0x11, al - over the border of two frames, of which neither is open.
        bare.Load(0xF3, 0x48, 0xAB, 0xE6, 0x11);
        const ulong Border = BareVcpu.Data + 0x1000;
        bare.Vcpu.Registers.Gpr[0] = 5;
        bare.Vcpu.Registers.Gpr[1] = 10;
        bare.Vcpu.Registers.Gpr[7] = Border - 24;
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.None);
        bare.Vcpu.View.SetRight(Border >> 12, AccessRight.None);
        Assert.Equal(MachineExitReason.Fault, faults.Read(bare.Run()).Reason);
        Assert.Equal(10UL, bare.Vcpu.Registers.Gpr[1]);
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.ReadWrite);
        Assert.Equal(MachineExitReason.Fault, faults.Read(bare.Run()).Reason);
        // Three have been stored, and the fourth not begun.
        Assert.Equal((7UL, Border), (bare.Vcpu.Registers.Gpr[1], bare.Vcpu.Registers.Gpr[7]));
        Assert.Equal((5UL, 0UL), (bare.Word(Border - 8), bare.Word(Border)));
        bare.Vcpu.View.SetRight(Border >> 12, AccessRight.ReadWrite);
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x11), bare.Run());
        Assert.Equal((0UL, 5UL), (bare.Vcpu.Registers.Gpr[1], bare.Word(Border + 48)));
    }

    [SkippableTheory]
    [InlineData("in the stack segment", new byte[] { 0x48, 0xBC, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x50 }, "raises exception 12 with error code 0x0: push rax")]
    [InlineData("an address that is none", new byte[] { 0x48, 0xBB, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x48, 0x8B, 0x03 }, "not allowed at privilege level 3: mov rax,[rbx]")]
    [InlineData("misaligned", new byte[] { 0x0F, 0x28, 0x43, 0x08 }, "not allowed at privilege level 3: movaps xmm0,[rbx+8]")]
    [InlineData("16 bytes misaligned", new byte[] { 0xF0, 0x48, 0x0F, 0xC7, 0x4B, 0x08 }, "not allowed at privilege level 3: lock cmpxchg16b [rbx+8]")]
    [InlineData("control register", new byte[] { 0x0F, 0x20, 0xD8 }, "not allowed at privilege level 3: mov rax,cr3")]
    [InlineData("jump to nothing", new byte[] { 0x31, 0xDB, 0xFF, 0xE3 }, "goes on at 0x0, which is no memory")]
    [InlineData("call beyond memory", new byte[] { 0xBB, 0, 0, 0, 0x30, 0xFF, 0xD3 }, "goes on at 0x30000000, which is no memory")]
    [InlineData("the system's stack", new byte[] { 0xBB, 0xF8, 0x0F, 0, 0x40, 0x48, 0x89, 0x03 }, "writes 0x40000FF8, which is no memory")]
    [InlineData("the quotient", new byte[] { 0xBA, 5, 0, 0, 0, 0xB9, 1, 0, 0, 0, 0xF7, 0xF1 }, "the quotient does not fit: div ecx")]
    [InlineData("over the end", new byte[] { 0xBB, 0xFC, 0xFF, 0x7F, 0, 0x48, 0x89, 0x03 }, "writes 0x800000, which is no memory of the guest: mov [rbx],rax")]
    public void Exceptions_of_every_kind_have_their_sentence_and_change_no_register(string what, byte[] code, string message)
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        bare.Load(code);
        bare.Vcpu.Registers.Gpr[9] = 0x1234_5678_9ABC_DEF0;
        ulong stack = bare.Vcpu.Registers.Gpr[4];
        VcpuExit exit = bare.Run();
        Assert.Equal(VcpuExitKind.Exception, exit.Kind);
        MachineExit read = new FaultReader(bare.Vcpu).Read(exit);
        Assert.True(read.Message?.Contains(message, StringComparison.Ordinal), $"{what}: {read.Message}");
        ref X86.X86Registers registers = ref bare.Vcpu.Registers;
        Assert.Equal(0x1234_5678_9ABC_DEF0UL, registers.Gpr[9]);
        // Only what is meant to set it, or had begun to push, has another stack pointer.
        if (registers.Gpr[4] != 0x8000_0000_0000_0000)
            Assert.InRange(registers.Gpr[4], stack - 8, stack);
        bare.Load(0x48, 0x89, 0x03, 0xE6, 0x11);
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x11), bare.Run());
    }

    [SkippableTheory]
    [InlineData(new byte[] { 0xCC })]
    [InlineData(new byte[] { 0xCD, 0x80 })]
    [InlineData(new byte[] { 0x0F, 0x05 })]
    public void Ways_into_a_system_that_there_is_not_are_errors_of_some_number_and_leave_the_vcpu_at_level_3(byte[] code)
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        // Which exception they raise, and where, differs between hosts.
        bare.Load(code);
        Assert.Equal(MachineExitReason.Error, new FaultReader(bare.Vcpu).Read(bare.Run()).Reason);
        bare.Load(0xFA);
        Assert.Contains("not allowed at privilege level 3: cli",
            new FaultReader(bare.Vcpu).Read(bare.Run()).Message, StringComparison.Ordinal);
    }

    /// <summary>KVM, but that one frame's right never changes.</summary>
    private sealed class ForgetfulBackend(ulong frame) : IMachineBackend
    {
        public string Name => "forgetful";

        public IGuestProcessors Create(MachineConfiguration configuration) =>
            new ForgetfulProcessors(OnKvm.Backend.Create(configuration), frame);
    }

    private sealed class ForgetfulProcessors(IGuestProcessors inner, ulong forgotten) : IGuestProcessors
    {
        public GuestMemory Memory => inner.Memory;

        public BackendCapabilities Capabilities => inner.Capabilities;

        public int StateBytes => inner.StateBytes;

        public ref X86.X86Registers Registers(int vcpu) => ref inner.Registers(vcpu);

        public void Restore(int vcpu, in X86.X86Registers registers, ulong count) => inner.Restore(vcpu, registers, count);

        public MachineExit Run(int vcpu, RunSlice slice) => inner.Run(vcpu, slice);

        public void RequestExit(int vcpu) => inner.RequestExit(vcpu);

        public void SetRight(int vcpu, ulong frame, AccessRight right)
        {
            if (frame != forgotten)
                inner.SetRight(vcpu, frame, right);
        }

        public void SetAllRights(AccessRight right) => inner.SetAllRights(right);

        public ExecutionPoint ReadPoint(int vcpu) => inner.ReadPoint(vcpu);

        public int CaptureState(int vcpu, Span<byte> destination) => inner.CaptureState(vcpu, destination);

        public void ReadMemory(ulong address, Span<byte> destination) => inner.ReadMemory(address, destination);

        public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => inner.WriteMemory(address, source);

        public void MapCode(int vcpu, IReadOnlyList<MemoryAccess> published) => inner.MapCode(vcpu, published);

        public void Dispose() => inner.Dispose();
    }
}

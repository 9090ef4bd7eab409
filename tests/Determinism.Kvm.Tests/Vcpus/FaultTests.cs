using Determinism.Kvm.Vcpus;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Vcpus;

/// <summary>What a fault is taken for.</summary>
public class FaultTests
{
    // mov [rbx], rax; out 0x11, al.
    private static readonly byte[] s_store = [0x48, 0x89, 0x03, 0xE6, 0x11];

    [SkippableFact]
    public void A_fault_leaves_the_access_to_the_instruction_and_memory_untouched()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        var faults = new FaultReader(bare.Vcpu);
        bare.Load(s_store);
        bare.Word(BareVcpu.Data) = 7;
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.Read);
        MachineExit exit = faults.Read(bare.Run());
        Assert.Equal(new MachineExit(MachineExitReason.Fault, BareVcpu.Code), exit);
        Assert.Equal(7UL, bare.Word(BareVcpu.Data));
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.ReadWrite);
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x11), bare.Run());
        Assert.Equal(0UL, bare.Word(BareVcpu.Data));
        Assert.Equal(BareVcpu.Code + (ulong)s_store.Length, bare.Vcpu.Registers.Rip);
    }

    [SkippableFact]
    public void The_same_fault_again_without_a_change_of_rights_is_an_error_and_with_one_is_not()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        var faults = new FaultReader(bare.Vcpu);
        bare.Load(s_store);
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.None);
        Assert.Equal(MachineExitReason.Fault, faults.Read(bare.Run()).Reason);
        // Granted, and taken away again.
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.ReadWrite);
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.None);
        Assert.Equal(MachineExitReason.Fault, faults.Read(bare.Run()).Reason);
        MachineExit error = faults.Read(bare.Run());
        Assert.Equal(MachineExitReason.Error, error.Reason);
        Assert.Contains("mov [rbx],rax", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_fetch_comes_first_also_where_an_instruction_begins_in_a_frame_that_may_be_read()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        var faults = new FaultReader(bare.Vcpu);
        bare.Load(s_store);
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.None);
        bare.Vcpu.View.SetRight(BareVcpu.Code >> 12, AccessRight.None);
        Assert.Equal(new MachineExit(MachineExitReason.Fault, BareVcpu.Code, 1, AccessRight.Read),
            faults.Read(bare.Run()));

        // The last byte of the store lies in the next frame.
        const ulong Border = BareVcpu.Code + 0x1000;
        bare.Vcpu.View.SetRight(BareVcpu.Code >> 12, AccessRight.Read);
        bare.Vcpu.View.SetRight(Border >> 12, AccessRight.None);
        s_store.CopyTo(bare.Bytes(Border - 2, s_store.Length));
        bare.Vcpu.Registers.Rip = Border - 2;
        Assert.Equal(new MachineExit(MachineExitReason.Fault, Border, 1, AccessRight.Read), faults.Read(bare.Run()));
        bare.Vcpu.View.SetRight(Border >> 12, AccessRight.Read);
        Assert.Equal(new MachineExit(MachineExitReason.Fault, Border - 2), faults.Read(bare.Run()));

        // The next frame may not be read, but the instruction does not reach it.
        bare.Vcpu.View.SetRight(Border >> 12, AccessRight.None);
        s_store.CopyTo(bare.Bytes(Border - 3, s_store.Length));
        bare.Vcpu.Registers.Rip = Border - 3;
        Assert.Equal(new MachineExit(MachineExitReason.Fault, Border - 3), faults.Read(bare.Run()));
    }

    [SkippableTheory]
    [InlineData(new byte[] { 0x31, 0xC9, 0xF7, 0xF1 }, "divides by zero, or the quotient does not fit: div ecx")]
    [InlineData(new byte[] { 0x0F, 0x0B }, "no instruction of this processor: ud2")]
    [InlineData(new byte[] { 0xFA }, "not allowed at privilege level 3: cli")]
    [InlineData(new byte[] { 0xF4 }, "not allowed at privilege level 3: hlt")]
    [InlineData(new byte[] { 0xE6, 0x80 }, "not allowed at privilege level 3: out 80h,al")]
    [InlineData(new byte[] { 0x0F, 0x01, 0x03 }, "not allowed at privilege level 3: sgdt")]
    [InlineData(new byte[] { 0x48, 0x8B, 0x04, 0x25, 0x08, 0, 0, 0 }, "reads 0x8, which is no memory")]
    [InlineData(new byte[] { 0x48, 0x89, 0x04, 0x25, 0, 0, 0, 0x40 }, "writes 0x40000000, which is no memory")]
    [InlineData(new byte[] { 0x48, 0x89, 0x04, 0x25, 0, 0x10, 0x40, 0 }, "writes code at 0x401000: mov [401000h],rax")]
    public void What_a_guest_may_not_do_is_told_with_its_instruction_and_leaves_the_vcpu_there(byte[] code, string message)
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        Skip.If(code is [0x0F, 0x01, 0x03] && !bare.Host.HasInstructionPrevention, "This KVM has no UMIP.");
        bare.Load(code);
        VcpuExit exit = bare.Run();
        Assert.Equal(VcpuExitKind.Exception, exit.Kind);
        MachineExit read = new FaultReader(bare.Vcpu).Read(exit);
        Assert.Equal(MachineExitReason.Error, read.Reason);
        Assert.Contains(message, read.Message, StringComparison.Ordinal);

        // The vCPU is at privilege level 3 again, and goes on when it is put elsewhere.
        bare.Load(0xE6, 0x11);
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x11), bare.Run());
    }

    [SkippableFact]
    public void A_fetch_from_what_is_no_code_comes_before_any_right_and_ends_when_it_is_code()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        var faults = new FaultReader(bare.Vcpu);
        // jmp rbx
        bare.Load(0xFF, 0xE3);
        new byte[] { 0xE6, 0x11 }.CopyTo(bare.Bytes(BareVcpu.Data, 2));
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.None);
        Assert.Equal(new MachineExit(MachineExitReason.NotCode, BareVcpu.Data), faults.Read(bare.Run()));
        bare.Vcpu.Root = bare.Area.Tables.RootWith([new MemoryAccess(BareVcpu.Data, 0x1000, AccessRight.Read)]);
        Assert.Equal(new MachineExit(MachineExitReason.Fault, BareVcpu.Data, 1, AccessRight.Read), faults.Read(bare.Run()));
        bare.Vcpu.View.SetRight(BareVcpu.Data >> 12, AccessRight.Read);
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x11), bare.Run());
    }

    [SkippableFact]
    public void Registers_of_every_kind_go_in_and_come_out()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        // movaps xmm15, xmm0; mov r9, [rsp]; out 0x12, al.
        bare.Load(0x44, 0x0F, 0x28, 0xF8, 0x4C, 0x8B, 0x0C, 0x24, 0xE6, 0x12);
        ref X86.X86Registers registers = ref bare.Vcpu.Registers;
        for (int index = 5; index < 16; index++)
            registers.Gpr[index] = 0x1111_0000_0000_0000UL + (ulong)index;
        var wide = new UInt128(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210);
        registers.Xmm[0] = wide;
        registers.Rflags = 0xFFFF_FFFF;
        bare.Word(registers.Gpr[4]) = 99;
        Assert.Equal(new VcpuExit(VcpuExitKind.Port, Port: 0x12), bare.Run());
        bare.Vcpu.ReadXmm();
        Assert.Equal(wide, registers.Xmm[0]);
        Assert.Equal(wide, registers.Xmm[15]);
        Assert.Equal(99UL, registers.Gpr[9]);
        Assert.Equal(0x1111_0000_0000_000EUL, registers.Gpr[14]);
        // Of the flags, only those that are the guest's.
        Assert.Equal(0xCD7UL, registers.Rflags);
    }
}

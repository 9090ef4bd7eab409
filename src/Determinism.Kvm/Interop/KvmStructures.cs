using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Determinism.Kvm.Interop;

// Layouts of the kernel's linux/kvm.h for x86-64.

[StructLayout(LayoutKind.Sequential)]
internal struct KvmMemoryRegion
{
    public uint Slot, Flags;
    public ulong GuestAddress, Bytes, HostAddress;
}

[StructLayout(LayoutKind.Sequential)]
internal struct KvmRegisters
{
    public ulong Rax, Rbx, Rcx, Rdx, Rsi, Rdi, Rsp, Rbp, R8, R9, R10, R11, R12, R13, R14, R15, Rip, Rflags;
}

[StructLayout(LayoutKind.Sequential)]
internal struct KvmSegment
{
    public ulong Base;
    public uint Limit;
    public ushort Selector;
    public byte Type, Present, Level, Default32, CodeOrData, Long, Granular, Available, Unusable, Padding;
}

[StructLayout(LayoutKind.Sequential)]
internal struct KvmTable
{
    public ulong Base;
    public ushort Limit;
    private unsafe fixed ushort _padding[3];
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmSystemRegisters
{
    public KvmSegment Cs, Ds, Es, Fs, Gs, Ss, Tr, Ldt;
    public KvmTable Gdt, Idt;
    public ulong Cr0, Cr2, Cr3, Cr4, Cr8, Efer, ApicBase;
    private fixed ulong _interrupts[4];
}

// The XMM registers stand at an odd multiple of eight.
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal unsafe struct KvmFpu
{
    private fixed byte _x87[128];
    public ushort ControlWord, StatusWord;
    public byte TagWord, Padding;
    public ushort LastOpcode;
    public ulong LastInstruction, LastData;
    public X86.X86Registers.XmmRegisters Xmm;
    public uint Mxcsr, Padding2;
}

/// <summary>A vCPU's extended state as XSAVE lays it out: as much of it as is used here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 4096)]
internal struct KvmXsave
{
    /// <summary>Bits of <see cref="Present"/>: x87 and XMM registers are not in their initial state.</summary>
    public const ulong X87AndXmm = 3;

    [FieldOffset(0)]
    public ushort ControlWord;

    [FieldOffset(24)]
    public uint Mxcsr;

    [FieldOffset(160)]
    public X86.X86Registers.XmmRegisters Xmm;

    /// <summary>Which parts of the state the rest of it holds.</summary>
    [FieldOffset(512)]
    public ulong Present;
}

/// <summary>The page that KVM and the owner of a vCPU share: as much of it as is used here.</summary>
[StructLayout(LayoutKind.Explicit)]
internal struct KvmRunArea
{
    /// <summary>Not zero: KVM_RUN finishes what is pending and returns without entering the guest.</summary>
    [FieldOffset(1)]
    public byte ImmediateExit;

    [FieldOffset(8)]
    public KvmExit Reason;

    /// <summary>Of a port exit: 1 for OUT.</summary>
    [FieldOffset(32)]
    public byte PortDirection;

    [FieldOffset(33)]
    public byte PortBytes;

    [FieldOffset(34)]
    public ushort Port;

    [FieldOffset(36)]
    public uint PortCount;

    [FieldOffset(32)]
    public ulong MmioAddress;

    [FieldOffset(52)]
    public byte MmioIsWrite;

    /// <summary>Of an internal error: which; 1 is an emulation that failed.</summary>
    [FieldOffset(32)]
    public uint InternalError;

    /// <summary>Of a memory fault, in kernels that fill it in.</summary>
    [FieldOffset(40)]
    public ulong FaultAddress;

    /// <summary>Which registers KVM writes here at every exit.</summary>
    [FieldOffset(288)]
    public ulong ValidRegisters;

    /// <summary>Which registers it takes from here at the next entry.</summary>
    [FieldOffset(296)]
    public ulong DirtyRegisters;

    [FieldOffset(304)]
    public KvmRegisters Registers;
}

/// <summary>Room for what KVM_GET_SUPPORTED_CPUID tells.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmCpuid
{
    public const int Capacity = 256;

    public uint Count, Padding;
    public Entries Leaves;

    [InlineArray(Capacity)]
    public struct Entries
    {
        private Leaf _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct Leaf
    {
        public uint Function, Index, Flags, Eax, Ebx, Ecx, Edx;
        private fixed uint _padding[3];
    }
}

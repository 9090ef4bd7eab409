using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Determinism.ProcessorTests.Kvm;

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
    public byte Type, Present, Level, Default32, Code, Long, Granular, Available, Unusable, Padding;

    /// <summary>A flat segment of privilege level 3.</summary>
    public static KvmSegment User(ushort selector, byte type, bool code, ulong @base = 0) => new()
    {
        Base = @base,
        Limit = uint.MaxValue,
        Selector = selector,
        Type = type,
        Present = 1,
        Level = 3,
        Default32 = (byte)(code ? 0 : 1),
        Code = 1,
        Long = (byte)(code ? 1 : 0),
        Granular = 1,
    };
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

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmFpu
{
    private fixed byte _x87[128];
    public ushort ControlWord, StatusWord;
    public byte TagWord, Padding;
    public ushort LastOpcode;
    public ulong LastInstruction, LastData;
    public XmmArea Xmm;
    public uint Mxcsr, Padding2;

    [InlineArray(16)]
    public struct XmmArea
    {
        private UInt128 _first;
    }
}

/// <summary>Requests and exit reasons.</summary>
internal static class Kvm
{
    public const nuint CreateVm = 0xAE01;
    public const nuint GetRunBytes = 0xAE04;
    public const nuint GetSupportedCpuid = 0xC008AE05;
    public const nuint CreateVcpu = 0xAE41;
    public const nuint SetMemoryRegion = 0x4020AE46;
    public const nuint Run = 0xAE80;
    public const nuint GetRegisters = 0x8090AE81;
    public const nuint SetRegisters = 0x4090AE82;
    public const nuint GetSystemRegisters = 0x8138AE83;
    public const nuint SetSystemRegisters = 0x4138AE84;
    public const nuint SetSignalMask = 0x4004AE8B;
    public const nuint SetFpu = 0x41A0AE8D;
    public const nuint SetCpuid = 0x4008AE90;

    public const uint ExitIo = 2;
    public const uint ExitShutdown = 8;
    public const uint ExitInternalError = 17;
}

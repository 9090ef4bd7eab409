using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Determinism.X86;

/// <summary>The user-visible state of one x86-64 processor in 64-bit mode, as plain data.</summary>
/// <remarks>
/// Blittable, so that a backend can keep it in unmanaged memory and a digest can read it as bytes. General
/// registers are numbered as the instruction set encodes them: RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public struct X86Registers
{
    /// <summary>The general registers, by encoding.</summary>
    public GeneralRegisters Gpr;

    /// <summary>Address of the next instruction.</summary>
    public ulong Rip;

    /// <summary>The flags register; bit 1 is always set.</summary>
    public ulong Rflags;

    /// <summary>Base of the FS segment.</summary>
    public ulong FsBase;

    /// <summary>Base of the GS segment.</summary>
    public ulong GsBase;

    /// <summary>XMM0 to XMM15.</summary>
    public XmmRegisters Xmm;

    /// <summary>SSE control and status; 0x1F80 after reset.</summary>
    public uint Mxcsr;

    /// <summary>Unused; keeps the size a multiple of eight.</summary>
    public uint Reserved;

    /// <summary>A processor after reset: all zero, interrupts' flag clear, SSE exceptions masked.</summary>
    public static X86Registers Reset => new() { Rflags = 2, Mxcsr = 0x1F80 };

    /// <summary>Sixteen general registers.</summary>
    [InlineArray(16)]
    public struct GeneralRegisters
    {
        private ulong _first;
    }

    /// <summary>Sixteen 128-bit registers.</summary>
    [InlineArray(16)]
    public struct XmmRegisters
    {
        private UInt128 _first;
    }
}

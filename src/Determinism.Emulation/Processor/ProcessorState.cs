using System.Runtime.InteropServices;
using Determinism.X86;

namespace Determinism.Emulation;

/// <summary>What a processor keeps at hand: its registers, and what stands for operands that are no register.</summary>
/// <remarks>Lives in unmanaged memory in front of the processor's code cache; micro-operations hold offsets into it.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 576)]
internal struct ProcessorState
{
    public const int GprOffset = 0;
    public const int RaxOffset = 0;
    public const int RcxOffset = 8;
    public const int RdxOffset = 16;
    public const int RbxOffset = 24;
    public const int RspOffset = 32;
    public const int RbpOffset = 40;
    public const int RsiOffset = 48;
    public const int RdiOffset = 56;
    public const int R15Offset = 120;
    public const int RflagsOffset = 136;
    public const int FsBaseOffset = 144;
    public const int GsBaseOffset = 152;
    public const int XmmOffset = 160;
    public const int ZeroOffset = 432;
    public const int FlagAOffset = 440;
    public const int FlagBOffset = 448;
    public const int FlagKindOffset = 456;
    public const int AttentionOffset = 460;
    public const int TempOffset = 464;
    public const int AddressOffset = 480;

    [FieldOffset(0)] public X86Registers Registers;

    /// <summary>Always zero: the base or index that an address does not have.</summary>
    [FieldOffset(ZeroOffset)] public ulong Zero;

    /// <summary>Operands of the last instruction that set flags, in the form its <see cref="FlagKind"/> wants.</summary>
    [FieldOffset(FlagAOffset)] public ulong FlagA;
    [FieldOffset(FlagBOffset)] public ulong FlagB;
    [FieldOffset(FlagKindOffset)] public FlagKind FlagKind;

    /// <summary>Reasons to stop at the next block entry; set by any thread.</summary>
    [FieldOffset(AttentionOffset)] public int Attention;

    /// <summary>A memory operand on its way to or from the operation that uses it.</summary>
    [FieldOffset(TempOffset)] public UInt128 Temp;

    /// <summary>An address that has three parts or 32 bits.</summary>
    [FieldOffset(AddressOffset)] public ulong Address;

    /// <summary>Instructions that may still retire, while the hot loop does not hold the number itself.</summary>
    [FieldOffset(488)] public long Budget;

    /// <summary>PAUSE instructions executed.</summary>
    [FieldOffset(496)] public ulong PauseCount;
}

/// <summary>Bits of <see cref="ProcessorState.Attention"/>.</summary>
internal static class Attention
{
    /// <summary>Somebody wants the processor to leave.</summary>
    public const int ExitRequested = 1;

    /// <summary>This processor has stored into code that it has cached.</summary>
    public const int CodeWritten = 2;

    /// <summary>Another processor has stored into code, or cached code where this one may store.</summary>
    public const int SharedNews = 4;
}

using System.Runtime.InteropServices;

namespace Determinism.Emulation;

/// <summary>One step of a decoded block: an instruction is one to four of them.</summary>
/// <remarks>
/// Registers, temporaries and immediates are all named by their byte offset from the processor's state, so that one kind
/// of operation serves every form of its operands. Two of them fill a cache line.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct MicroOp
{
    [FieldOffset(0)] public OpKind Kind;

    /// <summary>How many instructions of the block come before this one's.</summary>
    [FieldOffset(2)] public byte Ordinal;

    /// <summary>Left shift of the index; in a branch, the block's instructions that are not executed if it is taken.</summary>
    [FieldOffset(3)] public byte Scale;

    [FieldOffset(4)] public ushort Base;
    [FieldOffset(6)] public ushort Index;
    [FieldOffset(8)] public ushort Dst;

    /// <summary>Where this operation's instruction starts in the block's bytes.</summary>
    [FieldOffset(10)] public ushort RipOffset;

    /// <summary>A register, or this very operation's <see cref="Immediate"/>.</summary>
    [FieldOffset(12)] public int Src;

    [FieldOffset(16)] public long Displacement;

    /// <summary>What an operation without address needs to know besides: a size, an arithmetic operation.</summary>
    [FieldOffset(16)] public int Size;
    [FieldOffset(20)] public int Code;

    [FieldOffset(24)] public long Immediate;
}

/// <summary>Where a block goes on; follows each branching operation in its slot.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct Links
{
    /// <summary>The block at <see cref="TakenRip"/>, once found.</summary>
    [FieldOffset(0)] public Block* Taken;
    [FieldOffset(8)] public ulong TakenRip;

    /// <summary>The address after the instruction.</summary>
    [FieldOffset(16)] public ulong NextRip;
}

/// <summary>Decoded instructions that are executed in a row, up to side exits.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct Block
{
    /// <summary>No second granule.</summary>
    public const uint NoGranule = uint.MaxValue;

    [FieldOffset(0)] public ulong Rip;

    /// <summary>Instructions that retire if the block is executed to its end; repeated string instructions count
    /// themselves.</summary>
    [FieldOffset(8)] public int Length;
    [FieldOffset(12)] public int OpCount;
    [FieldOffset(16)] public Block* NextInBucket;
    [FieldOffset(24)] public Block* NextInFirst;
    [FieldOffset(32)] public Block* NextInSecond;
    [FieldOffset(40)] public uint FirstGranule;
    [FieldOffset(44)] public uint SecondGranule;

    /// <summary>Number of code bytes, in a row from <see cref="Rip"/>.</summary>
    [FieldOffset(48)] public int Bytes;
    [FieldOffset(52)] public bool IsSingle;

    /// <summary>Ops follow the header.</summary>
    public static MicroOp* Ops(Block* block) => (MicroOp*)(block + 1);
}

namespace Determinism.Emulation;

/// <summary>What a micro-operation does.</summary>
/// <remarks>
/// The order is used: groups are told apart by comparison (see <see cref="OpKinds"/>), an operation that can go without
/// setting flags comes right before its twin that sets them (suffix F), and the condition of a specialised branch, set or
/// move is its distance from the group's first. Everything up to <see cref="LastHot"/> has a case in the hot loop.
/// </remarks>
internal enum OpKind : ushort
{
    // Neither read nor write flags, and cannot fault.
    Nop, Mov8, Mov16, Mov32, Mov64, MovZx8, MovZx16, MovSx8To32, MovSx8To64, MovSx16To32, MovSx16To64, MovSx32To64,
    Lea32, Lea64, Not32, Not64, Bswap32, Bswap64, Cdq, Cqo, Rol32, Rol64, Ror32, Ror64,
    MovX64, MovX128, AddSd, SubSd, MulSd, DivSd, AddSs, SubSs, MulSs, DivSs,
    Cvtsi2Sd32, Cvtsi2Sd64, Cvttsd2Si32, Cvttsd2Si64, Cvtss2Sd, Cvtsd2Ss, XorX, AndX, AndnX, OrX,
    LastNeutral = OrX,

    // Pairs without and with flags; those with flags write all of them.
    Add32, Add32F, Add64, Add64F, Sub32, Sub32F, Sub64, Sub64F, And32, And32F, And64, And64F,
    Or32, Or32F, Or64, Or64F, Xor32, Xor32F, Xor64, Xor64F, Neg32, Neg32F, Neg64, Neg64F,
    Imul32, Imul32F, Imul64, Imul64F, Mul32, Mul32F, Mul64, Mul64F,
    // A shift by a register writes no flags when its count is zero.
    Shl32, Shl32F, Shl64, Shl64F, Shr32, Shr32F, Shr64, Shr64F, Sar32, Sar32F, Sar64, Sar64F,
    FirstPair = Add32, FirstShift = Shl32, LastPair = Sar64F,

    // Write all flags and nothing else.
    Cmp8, Cmp16, Cmp32, Cmp64, Test8, Test16, Test32, Test64, Ucomisd, Ucomiss,
    FirstComparison = Cmp8, LastComparison = Ucomiss,

    // Loads and stores.
    Load8, Load16, Load32, Load64, LoadZx8, LoadZx16, LoadSx8To32, LoadSx8To64, LoadSx16To32, LoadSx16To64, LoadSx32To64,
    LoadX32, LoadX64, LoadX128, LoadX128Aligned, LoadForStore8, LoadForStore16, LoadForStore32, LoadForStore64,
    Store8, Store16, Store32, Store64, StoreX128, StoreX128Aligned, Push64, Pop64, Leave,

    // Control flow. All branches have Links in the next slot.
    Stale, FallThrough, Jump, JumpIndirect, Call, CallIndirect, Ret, Poll, Jcc,

    // Conditions on the operands of the last compare or subtraction: B AE E NE BE A S NS L GE LE G.
    JccSub, JccSubLast = JccSub + 11,
    SetccSub, SetccSubLast = SetccSub + 11,
    Cmov32Sub, Cmov32SubLast = Cmov32Sub + 11,
    Cmov64Sub, Cmov64SubLast = Cmov64Sub + 11,

    // A compare and the branch on it; for tests only E NE S NS LE G.
    JccCmp32, JccCmp32Last = JccCmp32 + 11,
    JccCmp64, JccCmp64Last = JccCmp64 + 11,
    JccTest32, JccTest32Last = JccTest32 + 5,
    JccTest64, JccTest64Last = JccTest64 + 5,
    LastHot = JccTest64Last,

    // Neutral to flags and faultless like the first group, but not worth a case of their own.
    Xchg, Not, ScalarSse, ConvertSse, PackedFloat, PackedInteger, PackedShift, Shuffle, ExtractMask,
    FirstColdNeutral = Xchg, LastColdNeutral = ExtractMask,

    // Write all flags, read none and cannot fault.
    AluSmall, NegSmall, MulWide,
    FirstColdWriter = AluSmall, LastColdWriter = MulWide,

    // Read flags or are seen by whoever does, but leave them as they are.
    Lahf, Setcc, Cmov, PopMemory, Pause, Fence, PortOut, Unsupported, XchgMemory,
    FirstColdReader = Lahf, LastColdReader = XchgMemory,

    // Write some flags.
    AluCarry, IncDec, Rotate, ShiftSmall, DoubleShift, Bit, BitScan, Div, CarryOp, Sahf, Xadd, Cmpxchg, Loop, BitMemory,
    LockedAlu, LockedUnary, XaddMemory, CmpxchgMemory, CmpxchgPair, StringOnce, StringRepeated,
}

/// <summary>The groups of <see cref="OpKind"/>.</summary>
internal static class OpKinds
{
    /// <summary>The kind so many places after another.</summary>
    public static OpKind Plus(this OpKind first, int places) => (OpKind)((int)first + places);

    /// <summary>Neither reads nor writes flags, and cannot fault.</summary>
    public static bool IsNeutral(OpKind kind) =>
        kind is <= OpKind.LastNeutral or >= OpKind.FirstColdNeutral and <= OpKind.LastColdNeutral;

    /// <summary>One of a pair without and with flags.</summary>
    public static bool IsPair(OpKind kind) => kind is >= OpKind.FirstPair and <= OpKind.LastPair;

    /// <summary>One of a pair, and the one that sets flags.</summary>
    public static bool SetsFlags(OpKind kind) => IsPair(kind) && ((kind - OpKind.FirstPair) & 1) != 0;

    /// <summary>Writes all flags, reads none and cannot fault.</summary>
    public static bool IsComparison(OpKind kind) =>
        kind is >= OpKind.FirstComparison and <= OpKind.LastComparison
            or >= OpKind.FirstColdWriter and <= OpKind.LastColdWriter;

    /// <summary>Leaves the kept operands of a subtraction what they were.</summary>
    public static bool KeepsFlags(OpKind kind) =>
        IsNeutral(kind) || (IsPair(kind) && !SetsFlags(kind)) || kind is >= OpKind.Load8 and <= OpKind.JccSub
            or >= OpKind.JccSub and <= OpKind.Cmov64SubLast or >= OpKind.FirstColdReader and <= OpKind.LastColdReader;

    /// <summary>Keeps operands as those of a subtraction.</summary>
    public static bool KeepsSubtraction(OpKind kind) =>
        SetsFlags(kind) && kind is >= OpKind.Sub32 and <= OpKind.Neg64F || kind is >= OpKind.Cmp8 and <= OpKind.Test64
            or OpKind.NegSmall or OpKind.Poll or OpKind.Cmpxchg or OpKind.CmpxchgMemory or >= OpKind.JccCmp32 and <= OpKind.JccTest64Last;
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Determinism.Emulation;

/// <summary>How the status flags are kept: in RFLAGS, or as the operands from which they can be computed.</summary>
/// <remarks>
/// The low two bits are the operand size (1, 2, 4 or 8 bytes). Operands of additions and subtractions are shifted left to
/// the top of 64 bits, so that one 64-bit comparison decides conditions of every size. The flags of a logical operation
/// are those of subtracting zero from its result, and are kept so.
/// </remarks>
internal enum FlagKind : uint
{
    Rflags = 0,
    Sub8 = 4, Sub16, Sub32, Sub64,
    Add8 = 8, Add16, Add32, Add64,

    /// <summary>Value and count, neither shifted.</summary>
    Shl8 = 12, Shl16, Shl32, Shl64,
    Shr8 = 16, Shr16, Shr32, Shr64,
    Sar8 = 20, Sar16, Sar32, Sar64,

    /// <summary>Low half of the product, and 1 if the product does not fit in it.</summary>
    Product8 = 24, Product16, Product32, Product64,
}

/// <summary>The status flags: computing them from what is kept, and the conditions on them.</summary>
/// <remarks>
/// Flags that the architecture leaves undefined are given fixed values: AF is 0 after logical operations, shifts and
/// multiplications; OF after a shift by more than one is what the rule for a shift by one gives; CF after a shift by more
/// than the operand's size is that of a wider operand; SF, ZF and PF after a multiplication follow its low half; what BSF,
/// BSR, BT and the like and rotates leave undefined is not changed; after DIV all are unchanged.
/// </remarks>
internal static unsafe class Flags
{
    public const ulong Carry = 0x1;
    public const ulong Parity = 0x4;
    public const ulong Adjust = 0x10;
    public const ulong Zero = 0x40;
    public const ulong Sign = 0x80;
    public const ulong Overflow = 0x800;
    public const ulong Status = Carry | Parity | Adjust | Zero | Sign | Overflow;

    /// <summary>RFLAGS with the status flags computed; afterwards they are kept there.</summary>
    public static ulong Materialize(ProcessorState* state)
    {
        if (state->FlagKind != FlagKind.Rflags)
            Set(state, Compute(state->FlagKind, state->FlagA, state->FlagB));
        return state->Registers.Rflags;
    }

    /// <summary>Replaces the status flags.</summary>
    public static void Set(ProcessorState* state, ulong status)
    {
        state->Registers.Rflags = (state->Registers.Rflags & ~Status) | status;
        state->FlagKind = FlagKind.Rflags;
    }

    /// <summary>Replaces some status flags and keeps the others.</summary>
    public static void Change(ProcessorState* state, ulong mask, ulong status) =>
        Set(state, (Materialize(state) & Status & ~mask) | (status & mask));

    /// <summary>SF, ZF and PF of a result of some size in bits.</summary>
    public static ulong OfResult(ulong value, int bits)
    {
        var top = value << (64 - bits);
        return (top == 0 ? Zero : 0) | ((top >> 63) * Sign) | ParityOf(value);
    }

    private static ulong ParityOf(ulong value) => (BitOperations.PopCount(value & 0xFF) & 1) == 0 ? Parity : 0;

    private static ulong Compute(FlagKind kind, ulong a, ulong b)
    {
        var bits = 8 << ((int)kind & 3);
        var unused = 64 - bits;
        switch ((FlagKind)((uint)kind & ~3u))
        {
            case FlagKind.Sub8:
            {
                var result = a - b;
                return (a < b ? Carry : 0) | ((((a ^ b) & (a ^ result)) >> 63) * Overflow)
                    | ((((a ^ b ^ result) >> unused) & 0x10) != 0 ? Adjust : 0) | OfResult(result >> unused, bits);
            }
            case FlagKind.Add8:
            {
                var result = a + b;
                return (result < a ? Carry : 0) | (((~(a ^ b) & (a ^ result)) >> 63) * Overflow)
                    | ((((a ^ b ^ result) >> unused) & 0x10) != 0 ? Adjust : 0) | OfResult(result >> unused, bits);
            }
            case FlagKind.Shl8:
            {
                var result = b < 64 ? a << (int)b : 0;
                var carry = b <= (ulong)bits ? (a >> (bits - (int)b)) & 1 : 0;
                var sign = (result >> (bits - 1)) & 1;
                return carry | ((sign ^ carry) * Overflow) | OfResult(result, bits);
            }
            case FlagKind.Shr8:
                return ((a >> (int)(b - 1)) & 1) | (((a >> (bits - 1)) & 1) * Overflow) | OfResult(a >> (int)b, bits);
            case FlagKind.Sar8:
            {
                var signed = (long)(a << unused) >> unused;
                return ((ulong)(signed >> (int)(b - 1)) & 1) | OfResult((ulong)(signed >> (int)b), bits);
            }
            default:
                return b * (Carry | Overflow) | OfResult(a, bits);
        }
    }

    /// <summary>Whether a condition holds, by its number in the instruction set (0 is O, 1 is NO, ... 15 is G).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Holds(ProcessorState* state, int condition)
    {
        var flags = state->FlagKind == FlagKind.Rflags ? state->Registers.Rflags : Materialize(state);
        var holds = (condition >> 1) switch
        {
            0 => (flags & Overflow) != 0,
            1 => (flags & Carry) != 0,
            2 => (flags & Zero) != 0,
            3 => (flags & (Carry | Zero)) != 0,
            4 => (flags & Sign) != 0,
            5 => (flags & Parity) != 0,
            6 => SignDiffersFromOverflow(flags),
            _ => (flags & Zero) != 0 || SignDiffersFromOverflow(flags),
        };
        return holds ^ ((condition & 1) != 0);
    }

    private static bool SignDiffersFromOverflow(ulong flags) => ((flags >> 7) & 1) != ((flags >> 11) & 1);
}

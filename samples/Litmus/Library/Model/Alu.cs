using System.Numerics;

namespace Determinism.Litmus;

/// <summary>Arithmetic with the processor's flags.</summary>
internal static class Alu
{
    public const uint Carry = 1, Parity = 4, Zero = 0x40, Sign = 0x80, Overflow = 0x800;

    private const uint All = Carry | Parity | Zero | Sign | Overflow;

    public static ulong Truncate(ulong value, int bytes) => bytes == 8 ? value : value & ((1UL << (8 * bytes)) - 1);

    public static ulong Extend(ulong value, int bytes)
    {
        int unused = 64 - (8 * bytes);
        return (ulong)((long)(value << unused) >> unused);
    }

    /// <summary>What two operands give, both cut off to the size.</summary>
    public static ulong Compute(Operation operation, ulong left, ulong right, int bytes, ref uint flags)
    {
        ulong result;
        switch (operation)
        {
            case Operation.Add:
            case Operation.Inc:
                right = operation == Operation.Inc ? 1 : right;
                result = Truncate(left + right, bytes);
                return Set(result, bytes, result < left, IsNegative((left ^ result) & (right ^ result), bytes),
                    operation == Operation.Inc ? All & ~Carry : All, ref flags);
            case Operation.Sub:
            case Operation.Cmp:
            case Operation.Dec:
                right = operation == Operation.Dec ? 1 : right;
                result = Truncate(left - right, bytes);
                return Set(result, bytes, left < right, IsNegative((left ^ right) & (left ^ result), bytes),
                    operation == Operation.Dec ? All & ~Carry : All, ref flags);
            case Operation.Neg:
                return Compute(Operation.Sub, 0, left, bytes, ref flags);
            case Operation.And:
            case Operation.Test:
                return Set(left & right, bytes, false, false, All, ref flags);
            case Operation.Or:
                return Set(left | right, bytes, false, false, All, ref flags);
            case Operation.Xor:
                return Set(left ^ right, bytes, false, false, All, ref flags);
            case Operation.Not:
                return Truncate(~left, bytes);
            default:
                return Shift(operation, left, (int)right & (bytes == 8 ? 63 : 31), bytes, ref flags);
        }
    }

    public static bool Holds(FlagCondition condition, uint flags)
    {
        bool isLess = ((flags & Sign) != 0) != ((flags & Overflow) != 0);
        bool holds = ((int)condition >> 1) switch
        {
            0 => (flags & Overflow) != 0,
            1 => (flags & Carry) != 0,
            2 => (flags & Zero) != 0,
            3 => (flags & (Carry | Zero)) != 0,
            4 => (flags & Sign) != 0,
            5 => (flags & Parity) != 0,
            6 => isLess,
            _ => isLess || (flags & Zero) != 0,
        };
        return holds != (((int)condition & 1) != 0);
    }

    private static ulong Shift(Operation operation, ulong value, int count, int bytes, ref uint flags)
    {
        if (count == 0)
            return value;
        ulong extended = operation == Operation.Sar ? Extend(value, bytes) : value;
        (ulong result, ulong last) = operation switch
        {
            Operation.Shl => (Truncate(value << count, bytes), count > 8 * bytes ? 0 : value >> ((8 * bytes) - count)),
            Operation.Shr => (value >> count, value >> (count - 1)),
            _ => (Truncate((ulong)((long)extended >> count), bytes), (ulong)((long)extended >> (count - 1))),
        };
        // Defined for a shift by one alone; the load check refuses guests that look at it after others.
        bool overflow = operation != Operation.Sar && IsNegative(result ^ value, bytes);
        return Set(result, bytes, (last & 1) != 0, overflow, All, ref flags);
    }

    private static ulong Set(ulong result, int bytes, bool carry, bool overflow, uint mask, ref uint flags)
    {
        uint made = (carry ? Carry : 0) | (overflow ? Overflow : 0) | (result == 0 ? Zero : 0)
            | (IsNegative(result, bytes) ? Sign : 0) | (BitOperations.PopCount((byte)result) % 2 == 0 ? Parity : 0);
        flags = (flags & ~mask) | (made & mask);
        return result;
    }

    private static bool IsNegative(ulong value, int bytes) => (value >> ((8 * bytes) - 1) & 1) != 0;
}

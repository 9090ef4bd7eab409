namespace Determinism;

/// <summary>Bit counting for both targets; netstandard2.0 has no BitOperations.</summary>
internal static class Bits
{
    /// <summary>The largest power of two that is not more than a value; 0 for 0.</summary>
    public static int PowerOfTwoUpTo(int value)
    {
        int power = 0;
        for (int next = 1; next <= value; next *= 2)
            power = next;
        return power;
    }

#if NET
    public static int PopCount(ulong value) => System.Numerics.BitOperations.PopCount(value);

    public static int TrailingZeroCount(ulong value) => System.Numerics.BitOperations.TrailingZeroCount(value);
#else
    public static int PopCount(ulong value)
    {
        int count = 0;
        for (; value != 0; value &= value - 1)
            count++;
        return count;
    }

    public static int TrailingZeroCount(ulong value) => value == 0 ? 64 : PopCount((value & (0 - value)) - 1);
#endif
}

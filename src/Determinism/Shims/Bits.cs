namespace Determinism;

/// <summary>Bit counting for both targets; netstandard2.0 has no BitOperations.</summary>
internal static class Bits
{
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

namespace Determinism.Emulation;

/// <summary>What x86's floating point does where it differs from C#'s: which NaN, how conversions overflow, comparisons.</summary>
/// <remarks>Round to nearest even, no flushing of denormals, all exceptions masked: MXCSR as after reset, and it is never
/// changed.</remarks>
internal static unsafe class Sse
{
    private const ulong QuietBit64 = 1UL << 51;
    private const uint QuietBit32 = 1u << 22;
    private const ulong Indefinite64 = 0xFFF8000000000000;
    private const uint Indefinite32 = 0xFFC00000;

    /// <summary>The NaN that an operation of two operands gives: the first that is one, made quiet, or the default.</summary>
    public static double NotANumber(double first, double second)
    {
        var bits = double.IsNaN(first) ? BitConverter.DoubleToUInt64Bits(first) | QuietBit64
            : double.IsNaN(second) ? BitConverter.DoubleToUInt64Bits(second) | QuietBit64
            : Indefinite64;
        return BitConverter.UInt64BitsToDouble(bits);
    }

    /// <inheritdoc cref="NotANumber(double, double)"/>
    public static float NotANumber(float first, float second)
    {
        var bits = float.IsNaN(first) ? BitConverter.SingleToUInt32Bits(first) | QuietBit32
            : float.IsNaN(second) ? BitConverter.SingleToUInt32Bits(second) | QuietBit32
            : Indefinite32;
        return BitConverter.UInt32BitsToSingle(bits);
    }

    public static double SquareRoot(double value)
    {
        var root = Math.Sqrt(value);
        return double.IsNaN(root) ? NotANumber(value, value) : root;
    }

    public static float SquareRoot(float value)
    {
        var root = MathF.Sqrt(value);
        return float.IsNaN(root) ? NotANumber(value, value) : root;
    }

    /// <summary>Truncates; the smallest integer stands for everything that does not fit.</summary>
    public static int ToInt32(double value) => value is > -2147483649.0 and < 2147483648.0 ? (int)value : int.MinValue;

    /// <inheritdoc cref="ToInt32"/>
    public static long ToInt64(double value) =>
        value is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)value : long.MinValue;

    /// <summary>Rounds to the nearest integer, ties to even.</summary>
    public static double Round(double value) => Math.Round(value, MidpointRounding.ToEven);

    public static double Widen(float value)
    {
        if (!float.IsNaN(value))
            return value;
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt64BitsToDouble(((ulong)(bits >> 31) << 63) | 0x7FF8000000000000 | ((ulong)(bits & 0x3FFFFF) << 29));
    }

    public static float Narrow(double value)
    {
        if (!double.IsNaN(value))
            return (float)value;
        var bits = BitConverter.DoubleToUInt64Bits(value);
        return BitConverter.UInt32BitsToSingle(((uint)(bits >> 63) << 31) | 0x7FC00000 | ((uint)(bits >> 29) & 0x3FFFFF));
    }

    /// <summary>The comparisons of CMPSD and its like, by the low three bits of their immediate.</summary>
    public static bool Compares(double first, double second, int predicate) => (predicate & 7) switch
    {
        0 => first == second,
        1 => first < second,
        2 => first <= second,
        3 => double.IsNaN(first) || double.IsNaN(second),
        4 => first != second,
        5 => !(first < second),
        6 => !(first <= second),
        _ => !double.IsNaN(first) && !double.IsNaN(second),
    };

    /// <summary>UCOMISD and its like: unordered sets ZF, PF and CF.</summary>
    public static void Compare(ProcessorState* state, double first, double second)
    {
        var status = first > second ? 0
            : first < second ? Flags.Carry
            : first == second ? Flags.Zero
            : Flags.Zero | Flags.Parity | Flags.Carry;
        Flags.Set(state, status);
    }
}

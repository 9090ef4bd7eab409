using System.Runtime.InteropServices;

namespace Determinism.ProcessorTests.Generation;

/// <summary>Values as instructions find them hard: corners of every format, and everything between.</summary>
internal static class Values
{
    private static readonly ulong[] _integers =
    [
        0, 1, 2, 3, 0x7F, 0x80, 0x81, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFE,
        0xFFFF_FFFF_8000_0000, 0xFFFF_FFFF_7FFF_FFFF, 0x8080_8080_8080_8080, 0x0F0F_0F0F_0F0F_0F0F, 0xAAAA_AAAA_5555_5555,
    ];

    private static readonly double[] _doubles =
    [
        0, 1, 0.5, 1.5, 2, 2.5, 3.5, 0.1, Math.PI, 1e-40, 1e-46, 1e38, 1e39, 1e300, double.Epsilon, double.MaxValue,
        2.2250738585072014e-308, 2.2250738585072009e-308, float.Epsilon, float.MaxValue, 3.4028235677973366e38,
        1.1754943508222875e-38, 127, 128, 255, 32767.5, 32768, 65535, 2147483646.5, 2147483647, 2147483647.5, 2147483648,
        2147483649, 4294967295, 4294967296, 4503599627370495.5, 9007199254740993, 9223372036854774784, 9223372036854775808,
        18446744073709551615, double.PositiveInfinity,
    ];

    private static readonly ulong[] _doubleNaNs =
        [0x7FF8_0000_0000_0000, 0x7FF8_0000_0000_1234, 0x7FF0_0000_0000_0001, 0x7FF4_0000_2000_0000, 0x7FFF_FFFF_FFFF_FFFF];

    private static readonly uint[] _singleNaNs = [0x7FC0_0000, 0x7FC0_1234, 0x7F80_0001, 0x7FA0_0000, 0x7FFF_FFFF];

    public static ulong Integer(Pcg random) => random.Below(6) switch
    {
        0 or 1 => random.NextLong(),
        2 => random.NextLong() >> random.Below(64),
        3 => (ulong)((long)random.NextLong() >> random.Below(64)),
        4 => 1UL << random.Below(64),
        _ => random.Pick<ulong>(_integers),
    };

    public static UInt128 Vector(Pcg random) => random.Below(3) switch
    {
        0 => new UInt128(Double(random), Double(random)),
        1 => new UInt128(TwoSingles(random), TwoSingles(random)),
        _ => new UInt128(Integer(random), Integer(random)),
    };

    /// <summary>Fills memory: with numbers of all formats, or with few different bytes, for comparisons that go on.</summary>
    public static void Fill(Pcg random, Span<byte> bytes)
    {
        if (random.OneIn(4))
        {
            foreach (ref var b in bytes)
                b = (byte)(random.OneIn(12) ? 1 : 0);
            return;
        }
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            word = random.Below(3) switch
            {
                0 => Double(random),
                1 => TwoSingles(random),
                _ => Integer(random),
            };
        }
    }

    private static ulong Double(Pcg random)
    {
        var sign = (ulong)random.Next() << 63;
        return sign | random.Below(8) switch
        {
            0 => random.Pick<ulong>(_doubleNaNs),
            1 => BitConverter.DoubleToUInt64Bits(random.Below(2000) / 4.0),
            2 => random.NextLong() >> random.Between(1, 40),
            3 => BitConverter.DoubleToUInt64Bits(Math.ScaleB(1 + (random.Next() / 4294967296.0), random.Between(-160, 160))),
            4 => BitConverter.DoubleToUInt64Bits(Math.ScaleB(1 + (random.Next() / 4294967296.0), random.Between(28, 66))),
            _ => BitConverter.DoubleToUInt64Bits(random.Pick<double>(_doubles)),
        };
    }

    private static ulong TwoSingles(Pcg random) => ((ulong)Single(random) << 32) | Single(random);

    private static uint Single(Pcg random)
    {
        var sign = random.Next() << 31;
        return sign | random.Below(8) switch
        {
            0 => random.Pick<uint>(_singleNaNs),
            1 => BitConverter.SingleToUInt32Bits(random.Below(2000) / 4f),
            2 => random.Next() >> random.Between(1, 24),
            3 => BitConverter.SingleToUInt32Bits(MathF.ScaleB(1 + (random.Next() / 4294967296f), random.Between(-70, 70))),
            4 => BitConverter.SingleToUInt32Bits(MathF.ScaleB(1 + (random.Next() / 4294967296f), random.Between(28, 66))),
            _ => BitConverter.SingleToUInt32Bits((float)random.Pick<double>(_doubles)),
        };
    }
}

using System.Runtime.CompilerServices;

namespace Determinism.Log;

/// <summary>Unsigned LEB128 and zigzag: small numbers in few bytes.</summary>
internal static class Varint
{
    public const int MaximumBytes = 10;

    private const int Ended = -1;
    private const int TooLong = -2;

    public static bool TryWrite(Span<byte> destination, ulong value, ref int position)
    {
        while (true)
        {
            if ((uint)position >= (uint)destination.Length)
                return false;
            if (value < 0x80)
            {
                destination[position++] = (byte)value;
                return true;
            }
            destination[position++] = (byte)(value | 0x80);
            value >>= 7;
        }
    }

    /// <summary>Reads one number; false if the bytes end before it, then with the position at their end,
    /// or if it is longer than any number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, ref int position, out ulong value)
    {
        // Most numbers have one byte, and most of the others two.
        int at = position;
        if ((uint)at < (uint)source.Length)
        {
            uint first = source[at];
            if (first < 0x80)
            {
                value = first;
                position = at + 1;
                return true;
            }
            if ((uint)(at + 1) < (uint)source.Length && source[at + 1] < 0x80)
            {
                value = (first & 0x7F) | ((uint)source[at + 1] << 7);
                position = at + 2;
                return true;
            }
        }
        int next = ReadLong(source, at, out ulong number);
        value = number;
        position = next == Ended ? source.Length : Math.Max(next, at);
        return next >= 0;
    }

    // Positions go by value: a caller's stay in registers.
    private static int ReadLong(ReadOnlySpan<byte> source, int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if ((uint)position >= (uint)source.Length)
                return Ended;
            byte one = source[position++];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
                return shift < 63 || one <= 1 ? position : TooLong;
        }
        return TooLong;
    }

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}

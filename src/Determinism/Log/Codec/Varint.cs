using System.Runtime.CompilerServices;

namespace Determinism.Log;

/// <summary>Unsigned LEB128 and zigzag: small numbers in few bytes.</summary>
internal static class Varint
{
    public const int MaximumBytes = 10;

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

    /// <summary>Reads one number; false if the bytes end before it, or if it is longer than any number.</summary>
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
        return TryReadLong(source, ref position, out value);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> source, ref int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if ((uint)position >= (uint)source.Length)
                return false;
            byte one = source[position++];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
                return shift < 63 || one <= 1;
        }
        return false;
    }

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}

using System.Runtime.CompilerServices;

namespace Determinism.Log;

/// <summary>Unsigned LEB128 and zigzag: small numbers in few bytes.</summary>
internal static class Varint
{
    public const int MaximumBytes = 10;

    /// <summary>Instead of a position: the bytes end inside the number.</summary>
    public const int Ended = -1;

    /// <summary>Instead of a position: it is longer than any number.</summary>
    public const int TooLong = -2;

    /// <summary>Writes one number.</summary>
    /// <returns>Whether it fitted; only then the position changes.</returns>
    public static bool TryWrite(Span<byte> destination, ulong value, ref int position)
    {
        int next = Write(destination, position, value);
        if (next < 0)
            return false;
        position = next;
        return true;
    }

    /// <summary>Writes one number.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="position">Where in it, or negative: then nothing is written.</param>
    /// <param name="value">The number.</param>
    /// <returns>The position after it, or <see cref="Ended"/> if it did not fit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> destination, int position, ulong value)
    {
        if (value >= 0x80 || (uint)position >= (uint)destination.Length)
            return WriteLong(destination, position, value);
        destination[position] = (byte)value;
        return position + 1;
    }

    private static int WriteLong(Span<byte> destination, int position, ulong value)
    {
        for (; (uint)position < (uint)destination.Length; value >>= 7)
        {
            if (value < 0x80)
            {
                destination[position] = (byte)value;
                return position + 1;
            }
            destination[position++] = (byte)(value | 0x80);
        }
        return Ended;
    }

    /// <summary>Reads one number.</summary>
    /// <returns>Whether there was one; only then the position changes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, ref int position, out ulong value)
    {
        int next = Read(source, position, out value);
        if (next < 0)
            return false;
        position = next;
        return true;
    }

    /// <summary>Reads one number.</summary>
    /// <returns>The position after it, or <see cref="Ended"/> or <see cref="TooLong"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ReadOnlySpan<byte> source, int position, out ulong value)
    {
        // Most numbers have one byte, and most of the others two.
        if ((uint)position < (uint)source.Length)
        {
            uint first = source[position];
            if (first < 0x80)
            {
                value = first;
                return position + 1;
            }
            int second = position + 1;
            if ((uint)second < (uint)source.Length && source[second] < 0x80)
            {
                value = (first & 0x7F) | ((uint)source[second] << 7);
                return position + 2;
            }
        }
        int next = ReadLong(source, position, out ulong number);
        value = number;
        return next;
    }

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

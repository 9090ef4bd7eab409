using System.Buffers.Binary;

namespace Determinism.Log.Tests.SecondReader;

/// <summary>What the page of the format says is not so.</summary>
internal sealed class NotALogException(string message) : Exception(message);

/// <summary>CRC-32C, a bit at a time: slow, and like nothing else in this repository.</summary>
internal static class Crc
{
    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(static value =>
    {
        uint crc = (uint)value;
        for (int bit = 0; bit < 8; bit++)
        {
            crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u); // 0x1EDC6F41 with its bits reflected
        }
        return crc;
    })];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
            crc = s_table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }
}

/// <summary>One LZ4 block, without a frame.</summary>
internal static class Lz4
{
    public static byte[] Decode(ReadOnlySpan<byte> source, int length)
    {
        byte[] plain = new byte[length];
        int from = 0, to = 0;
        while (true)
        {
            byte token = source[from++];
            int literals = Length(source, token >> 4, ref from);
            source.Slice(from, literals).CopyTo(plain.AsSpan(to));
            from += literals;
            to += literals;
            if (from == source.Length)
                return to == length ? plain : throw new NotALogException("a compressed block of another length");
            int distance = BinaryPrimitives.ReadUInt16LittleEndian(source[from..]);
            from += 2;
            for (int left = Length(source, token & 15, ref from) + 4; left > 0; left--, to++)
            {
                plain[to] = plain[to - distance];
            }
        }
    }

    private static int Length(ReadOnlySpan<byte> source, int length, ref int from)
    {
        for (byte more = (byte)(length == 15 ? 255 : 0); more == 255; length += more)
        {
            more = source[from++];
        }
        return length;
    }
}

/// <summary>Little-endian numbers one after the other.</summary>
internal sealed class Input(ReadOnlyMemory<byte> bytes)
{
    public int At { get; private set; }

    public int Left => bytes.Length - At;

    public byte[] Bytes(int count)
    {
        byte[] taken = bytes.Slice(At, count).ToArray();
        At += count;
        return taken;
    }

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new NotALogException("a varint of more than 10 bytes");
    }

    public ulong Zigzag()
    {
        ulong value = Varint();
        return (value >> 1) ^ (0 - (value & 1));
    }

    public string Text() => System.Text.Encoding.UTF8.GetString(Bytes((int)Varint()));
}

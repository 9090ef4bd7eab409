namespace Determinism;

/// <summary>CRC-32C (Castagnoli), by the processor where the runtime offers it.</summary>
internal static class Crc32C
{
#if NET
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = System.Numerics.BitOperations.Crc32C(crc, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte one in data)
            crc = System.Numerics.BitOperations.Crc32C(crc, one);
        return ~crc;
    }
#else
    private static readonly uint[] s_table = MakeTable();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in data)
            crc = s_table[(byte)(crc ^ one)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] MakeTable()
    {
        const uint ReversedPolynomial = 0x82F63B78;
        var table = new uint[256];
        for (uint index = 0; index < 256; index++)
        {
            uint value = index;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ ReversedPolynomial : value >> 1;
            table[index] = value;
        }
        return table;
    }
#endif
}

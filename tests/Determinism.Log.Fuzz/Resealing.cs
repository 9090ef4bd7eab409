using System.Buffers.Binary;

namespace Determinism.Log.Fuzz;

/// <summary>Makes the checksums of a fuzzer's bytes right, so that it gets past them: what it should look for is behind.</summary>
internal static class Resealing
{
    private const int StartBytes = 64;
    private const int HeaderBytes = 96;
    private const int EndBytes = 32;

    /// <summary>Seals all files of a folder, in place.</summary>
    public static void Apply(SortedDictionary<string, byte[]> files)
    {
        foreach ((string name, byte[] bytes) in files)
        {
            if (name.EndsWith(".detlog", StringComparison.Ordinal))
                SealSegment(bytes);
            else
                Seal(bytes);
        }
    }

    private static void SealSegment(Span<byte> bytes)
    {
        if (bytes.Length < StartBytes)
            return;
        Seal(bytes[..StartBytes]);
        int link = (bytes[40] & 1) != 0 ? 32 : 0;
        long at = StartBytes;
        while (at + HeaderBytes <= bytes.Length)
        {
            Span<byte> header = bytes.Slice((int)at, HeaderBytes);
            uint stored = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if (at + HeaderBytes + stored > bytes.Length)
                break;
            BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Checksum(bytes.Slice((int)at + HeaderBytes, (int)stored)));
            Seal(header);
            at = (at + HeaderBytes + stored + link + 7) & -8;
        }
        if (at + EndBytes == bytes.Length)
            Seal(bytes[^EndBytes..]);
    }

    private static void Seal(Span<byte> bytes)
    {
        if (bytes.Length >= sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[^sizeof(uint)..], Checksum(bytes[..^sizeof(uint)]));
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
            crc = System.Numerics.BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}

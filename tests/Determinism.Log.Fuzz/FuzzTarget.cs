using System.Security.Cryptography;

namespace Determinism.Log.Fuzz;

/// <summary>What a fuzzer calls: reads a packed log in every way, as it is and with its checksums made right.</summary>
public static class FuzzTarget
{
    private const long MemoryPerByte = 64;
    private const long MemoryAtLeast = 1 << 20;
    private const long MemoryPerStreamSquared = 48;

    /// <summary>The secrets that logs of the corpus are written with.</summary>
    public static LogKeys Keys { get; } = new(Secret("encryption"), Secret("chain"));

    /// <summary>Reads a log.</summary>
    /// <param name="packed">The log.</param>
    /// <returns>How it went, as it is and sealed.</returns>
    /// <exception cref="EndlessReadException">The reader does not end.</exception>
    /// <exception cref="InsufficientMemoryException">The reader takes more memory than a log of its size is worth.</exception>
    public static (Reading AsItIs, Reading Sealed) Run(ReadOnlySpan<byte> packed)
    {
        SortedDictionary<string, byte[]> files = PackedLog.Unpack(packed);
        Reading asItIs = Read(files, packed.Length);
        Resealing.Apply(files);
        return (asItIs, Read(files, packed.Length));
    }

    private static Reading Read(SortedDictionary<string, byte[]> files, int length)
    {
        var storage = new MemoryStorage(files) { MaximumReads = 10_000 + (20L * length) };
        Reading reading = LogProbe.Read(storage, Keys, length);
        long bound = MemoryAtLeast + (MemoryPerByte * length)
            + (MemoryPerStreamSquared * reading.Streams.Count * reading.Streams.Count);
        return reading.AllocatedBytes <= bound
            ? reading
            : throw new InsufficientMemoryException($"{reading.AllocatedBytes} bytes for a log of {length}.");
    }

    private static byte[] Secret(string name) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes("determinism fuzz " + name));
}

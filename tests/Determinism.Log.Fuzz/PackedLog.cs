using System.Buffers.Binary;
using System.Globalization;

namespace Determinism.Log.Fuzz;

/// <summary>A log's folder as one string of bytes, which is what a fuzzer changes: for the manifest, then for every segment,
/// a length of 4 bytes and the file. Any bytes are some folder.</summary>
public static class PackedLog
{
    private const string Manifest = "manifest";
    private const int MaximumSegments = 16;

    /// <summary>Packs a folder.</summary>
    /// <param name="files">Its files.</param>
    public static byte[] Pack(IReadOnlyDictionary<string, byte[]> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var packed = new List<byte>();
        byte[] manifest = files.TryGetValue(Manifest, out byte[]? found) ? found : [];
        Add(packed, manifest);
        foreach (KeyValuePair<string, byte[]> file in files.OrderBy(static file => file.Key, StringComparer.Ordinal))
        {
            if (file.Key != Manifest)
                Add(packed, file.Value);
        }
        return [.. packed];
    }

    /// <summary>Unpacks whatever it is given.</summary>
    /// <param name="packed">Bytes.</param>
    public static SortedDictionary<string, byte[]> Unpack(ReadOnlySpan<byte> packed)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        for (int number = -1; packed.Length >= sizeof(uint) && number < MaximumSegments; number++)
        {
            uint said = BinaryPrimitives.ReadUInt32LittleEndian(packed);
            packed = packed[sizeof(uint)..];
            int length = (int)Math.Min(said, (uint)packed.Length);
            if (number >= 0)
                files.Add(number.ToString("D6", CultureInfo.InvariantCulture) + ".detlog", packed[..length].ToArray());
            else if (length > 0)
                files.Add(Manifest, packed[..length].ToArray());
            packed = packed[length..];
        }
        return files;
    }

    private static void Add(List<byte> packed, byte[] file)
    {
        packed.AddRange(BitConverter.GetBytes((uint)file.Length));
        packed.AddRange(file);
    }
}

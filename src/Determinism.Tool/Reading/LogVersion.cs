using System.Buffers.Binary;
using Determinism.Log;

namespace Determinism.Tool.Reading;

/// <summary>Tells a log of a later version from one that is damaged.</summary>
internal static class LogVersion
{
    /// <exception cref="UnsupportedException">The log is of a version that this library does not read.</exception>
    public static void Check(string path)
    {
        FolderStorage storage = FolderStorage.OpenExisting(path);
        if (!storage.List().Contains(SegmentWriter.NameOf(0)))
            return;
        using ILogFile file = storage.Open(SegmentWriter.NameOf(0));
        var start = new byte[SegmentStart.Size];
        if (BlockSearch.ReadUpTo(file, 0, start) < start.Length || !start.AsSpan().StartsWith(SegmentStart.Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(60)) != Crc32C.Compute(start.AsSpan(0, 60)))
            return;
        int version = BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8));
        if (version > LogHeader.NewestVersion)
            throw new UnsupportedException(
                $"{path} has format version {version}; this tool reads versions 1 to {LogHeader.NewestVersion}.");
    }
}

using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;

namespace Determinism.Packaging.Tests.Support;

/// <summary>A portable PDB.</summary>
internal sealed class SymbolFile : IDisposable
{
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private readonly MetadataReaderProvider _provider;
    private readonly MetadataReader _reader;

    public SymbolFile(byte[] content)
    {
        _provider = MetadataReaderProvider.FromPortablePdbImage([.. content]);
        _reader = _provider.GetMetadataReader();
    }

    /// <summary>What a library names to say that this PDB is its own.</summary>
    public BlobContentId Id => new(_reader.DebugMetadataHeader!.Id);

    public IEnumerable<string> Documents =>
        _reader.Documents.Select(handle => _reader.GetString(_reader.GetDocument(handle).Name));

    /// <summary>Where a debugger finds the sources, as JSON; null if it is not said.</summary>
    public string? SourceLink => Find(s_sourceLink).Select(Encoding.UTF8.GetString).SingleOrDefault();

    public IEnumerable<byte[]> EmbeddedSources => Find(s_embeddedSource).Select(Unpack);

    public void Dispose() => _provider.Dispose();

    private static byte[] Unpack(byte[] blob)
    {
        if (BitConverter.ToInt32(blob) == 0)
            return blob[sizeof(int)..];
        using var packed = new DeflateStream(
            new MemoryStream(blob, sizeof(int), blob.Length - sizeof(int)), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        packed.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private IEnumerable<byte[]> Find(Guid kind) => _reader.CustomDebugInformation
        .Select(_reader.GetCustomDebugInformation)
        .Where(information => _reader.GetGuid(information.Kind) == kind)
        .Select(information => _reader.GetBlobBytes(information.Value));
}

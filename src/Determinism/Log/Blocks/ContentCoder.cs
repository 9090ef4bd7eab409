using K4os.Compression.LZ4;

namespace Determinism.Log;

/// <summary>Contents of blocks on their way to the file and back: compressed, then encrypted.</summary>
internal sealed class ContentCoder : IDisposable
{
    // What LZ4 can make of one byte at the very most; more is no wish for memory, but damage.
    private const int MostExpansion = 255;

    private readonly BlockCodec _codec;
    private readonly BlockCipher? _cipher;

    public ContentCoder(BlockCodec codec, byte[]? key)
    {
        _codec = codec;
        _cipher = key is null ? null : new BlockCipher(key);
    }

    /// <summary>Makes a content ready for its file, and completes its header but for the checksums.</summary>
    /// <param name="header">The block's header.</param>
    /// <param name="plain">The content.</param>
    /// <param name="scratch">Room that is kept and grown.</param>
    /// <returns>What to store: the content itself, or something in the room.</returns>
    public ReadOnlySpan<byte> Encode(ref BlockHeader header, ReadOnlySpan<byte> plain, ref ScratchPair scratch)
    {
        header.PlainLength = plain.Length;
        header.Codec = BlockCodec.None;
        ReadOnlySpan<byte> stored = plain;
        if (_codec == BlockCodec.Lz4)
        {
            // Less than an eighth saved is not worth the reader's time.
            Span<byte> room = scratch.First(plain.Length - (plain.Length / 8));
            int length = LZ4Codec.Encode(plain, room);
            if (length > 0)
            {
                header.Codec = BlockCodec.Lz4;
                stored = room[..length];
            }
        }
        header.StoredLength = stored.Length;
        if (_cipher is null)
            return stored;

        header.Flags |= BlockFlags.Encrypted;
        header.StoredLength += BlockCipher.TagBytes;
        Span<byte> start = stackalloc byte[BlockHeader.Size];
        header.WriteTo(start);
        Span<byte> @sealed = scratch.Second(header.StoredLength);
        _cipher.Seal(start[..BlockHeader.AuthenticatedSize], header.Sequence, stored, @sealed);
        return @sealed;
    }

    /// <summary>Gives a stored content back.</summary>
    /// <param name="header">The block's header.</param>
    /// <param name="stored">What was stored; its checksum is right.</param>
    /// <param name="offset">Where the block is, for errors.</param>
    /// <param name="scratch">Room that is kept and grown.</param>
    /// <returns>The content: the stored one, or something in the room.</returns>
    public ReadOnlyMemory<byte> Decode(in BlockHeader header, ReadOnlyMemory<byte> stored, long offset,
        ref ScratchPair scratch)
    {
        if ((header.Flags & BlockFlags.Encrypted) != 0)
            stored = Decrypt(header, stored, offset, ref scratch);
        if (header.Codec == BlockCodec.None)
        {
            return stored.Length == header.PlainLength
                ? stored
                : throw new LogDamagedException("A block's lengths do not agree.", offset);
        }
        if (header.PlainLength / MostExpansion > stored.Length)
            throw new LogDamagedException("A block cannot be as long as it says.", offset);
        Memory<byte> plain = scratch.FirstMemory(header.PlainLength);
        return LZ4Codec.Decode(stored.Span, plain.Span) == header.PlainLength
            ? plain
            : throw new LogDamagedException("A block cannot be decompressed.", offset);
    }

    public void Dispose() => _cipher?.Dispose();

    private ReadOnlyMemory<byte> Decrypt(in BlockHeader header, ReadOnlyMemory<byte> stored, long offset,
        ref ScratchPair scratch)
    {
        if (_cipher is null)
            throw new DeterminismException("The log is encrypted; its key is needed.");
        if (stored.Length < BlockCipher.TagBytes)
            throw new LogDamagedException("An encrypted block is too short.", offset);
        Span<byte> start = stackalloc byte[BlockHeader.Size];
        header.WriteTo(start);
        Memory<byte> plain = scratch.SecondMemory(stored.Length - BlockCipher.TagBytes);
        return _cipher.TryOpen(start[..BlockHeader.AuthenticatedSize], header.Sequence, stored.Span, plain.Span)
            ? plain
            : throw new LogDamagedException("An encrypted block is not what was written, or the key is another.", offset);
    }
}

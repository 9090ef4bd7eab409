using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>What stands before each block of a log; docs/log-format.md has the table.</summary>
internal record struct BlockHeader
{
    public const int Size = 96;

    /// <summary>What authentication covers beside the content: all but the checksums.</summary>
    public const int AuthenticatedSize = 88;

    /// <summary>Blocks start at multiples of this, so that the next good one after damage can be found.</summary>
    public const int Alignment = 8;

    public int StoredLength;
    public BlockKind Kind;
    public byte Stream;
    public BlockCodec Codec;
    public BlockFlags Flags;
    public long Sequence;
    public long DurableBefore;
    public int PlainLength;
    public int EventCount;
    public BlockExtent Extent;
    public int StateLength;
    public uint ContentChecksum;

    /// <summary>Bytes of events in the content, after the state.</summary>
    public readonly int EventBytes => PlainLength - StateLength;

    /// <summary>Bytes from this block's start to the next one's.</summary>
    /// <param name="isChained">Whether the log's blocks end with a link of the chain.</param>
    public readonly long Reach(bool isChained) =>
        (Size + (long)StoredLength + (isChained ? BlockChain.LinkBytes : 0) + (Alignment - 1)) & -Alignment;

    /// <summary>Fills in everything but the checksums; those come last.</summary>
    public readonly void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, StoredLength);
        destination[4] = (byte)Kind;
        destination[5] = Stream;
        destination[6] = (byte)Codec;
        destination[7] = (byte)Flags;
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], DurableBefore);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], PlainLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[28..], EventCount);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], Extent.FirstEvent);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], Extent.StreamOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[48..], Extent.FirstCount);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[56..], Extent.FirstExit);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[64..], Extent.LastCount);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[72..], Extent.LastExit);
        BinaryPrimitives.WriteInt32LittleEndian(destination[80..], StateLength);
        destination[84..88].Clear();
    }

    public readonly void Seal(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination[88..], ContentChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[92..], Crc32C.Compute(destination[..92]));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out BlockHeader header)
    {
        header = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source[92..]) != Crc32C.Compute(source[..92]))
            return false;
        header.StoredLength = BinaryPrimitives.ReadInt32LittleEndian(source);
        header.Kind = (BlockKind)source[4];
        header.Stream = source[5];
        header.Codec = (BlockCodec)source[6];
        header.Flags = (BlockFlags)source[7];
        header.Sequence = BinaryPrimitives.ReadInt64LittleEndian(source[8..]);
        header.DurableBefore = BinaryPrimitives.ReadInt64LittleEndian(source[16..]);
        header.PlainLength = BinaryPrimitives.ReadInt32LittleEndian(source[24..]);
        header.EventCount = BinaryPrimitives.ReadInt32LittleEndian(source[28..]);
        header.Extent = new BlockExtent
        {
            FirstEvent = BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
            StreamOffset = BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
            FirstCount = BinaryPrimitives.ReadUInt64LittleEndian(source[48..]),
            FirstExit = BinaryPrimitives.ReadUInt64LittleEndian(source[56..]),
            LastCount = BinaryPrimitives.ReadUInt64LittleEndian(source[64..]),
            LastExit = BinaryPrimitives.ReadUInt64LittleEndian(source[72..]),
        };
        header.StateLength = BinaryPrimitives.ReadInt32LittleEndian(source[80..]);
        header.ContentChecksum = BinaryPrimitives.ReadUInt32LittleEndian(source[88..]);
        return header is { EventCount: >= 0, Sequence: >= 0, StateLength: >= 0 }
            && header is { StoredLength: >= 0 and <= LogLimits.MaximumContentBytes, PlainLength: >= 0 and <= LogLimits.MaximumContentBytes }
            && header.StateLength <= header.PlainLength
            && header.Extent.StreamOffset >= 0 && header.Kind is > BlockKind.None and <= LogLimits.LastKind
            && header.Codec <= BlockCodec.Lz4 && header.Flags <= (BlockFlags.Encrypted | BlockFlags.Opaque);
    }
}

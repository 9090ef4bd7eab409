using System.Buffers.Binary;

namespace Determinism.Log.Tests.Hostile;

/// <summary>Changes what a log says and makes its checksums right again: what a person may do who knows the format.</summary>
internal sealed class SealedMutator(SourceLog source, SourceLog other, Random random)
{
    private readonly LogModel _model = source.Model.Copy();

    /// <summary>Does it.</summary>
    /// <param name="mutation">What.</param>
    /// <returns>The log; null where it has nothing to do that to.</returns>
    public SortedDictionary<string, byte[]>? Apply(Mutation mutation)
    {
        if (!TryChange(mutation))
            return null;
        // A change that stands alone, or one that all the rest of the log agrees with, or anything between.
        Repairs repairs = random.Next(3) switch
        {
            0 => Repairs.None,
            1 => Repairs.All,
            _ => (Repairs)random.Next((int)Repairs.All + 1),
        };
        return _model.ToFiles(repairs);
    }

    private bool TryChange(Mutation mutation)
    {
        ModelSegment segment = Pick(_model.Segments);
        List<ModelBlock> blocks = segment.Blocks;
        if (blocks.Count == 0)
            return false;
        ModelBlock block = Pick(blocks);
        int at = random.Next(blocks.Count);
        switch (mutation)
        {
            case Mutation.StartField:
                return Change(segment.Start, Field.Start);
            case Mutation.HeaderField:
                return Change(block.Header, Field.Header) && (random.Next(2) == 0 || Change(block.Header, Field.Header));
            case Mutation.HeaderLength:
                return Change(block.Header, Field.HeaderLengths);
            case Mutation.IndexField:
                return blocks[^1] is { Kind: 10, IsPlain: true } index && TryChangeIndex(index);
            case Mutation.EndField:
                return segment.End.Length > 0 && Change(segment.End, Field.End);
            case Mutation.ManifestField:
                return TryChangeManifest();
            case Mutation.StateByte:
                return PickPlain(2) is { StateBytes: > 0 } one && ChangeByte(one.Stored.AsSpan(0, one.StateBytes));
            case Mutation.EventByte:
                return PickPlain(2) is { } events && ChangeByte(events.Stored.AsSpan(events.StateBytes));
            case Mutation.EventLength:
                return TryChangeLength(PickPlain(2), static block => block.StateBytes);
            case Mutation.HeaderBlockByte:
                return random.Next(2) == 0
                    ? PickPlain(1) is { } header && ChangeByte(header.Stored)
                    : TryChangeLength(PickPlain(1), static _ => 0);
            case Mutation.BlockRemoved:
                blocks.RemoveAt(at);
                return true;
            case Mutation.BlockRepeated:
                blocks.Insert(random.Next(blocks.Count), blocks[at].Copy());
                return true;
            case Mutation.BlocksSwapped:
                int with = random.Next(blocks.Count);
                (blocks[at], blocks[with]) = (blocks[with], blocks[at]);
                return true;
            case Mutation.BlockFromAnother:
                List<ModelBlock> others = Pick(other.Model.Segments).Blocks;
                if (others.Count > 0)
                    blocks[at] = Pick(others).Copy();
                return others.Count > 0;
            case Mutation.EventsInserted or Mutation.EventsRemoved:
                return TryChangeEvents(mutation == Mutation.EventsInserted);
            case Mutation.SegmentRemoved:
                _model.Segments.Remove(segment);
                return _model.Segments.Count > 0;
            case Mutation.SegmentFromAnother:
                _model.Segments[_model.Segments.IndexOf(segment)] = Pick(other.Model.Segments).Copy();
                return true;
            default:
                throw new ArgumentOutOfRangeException(nameof(mutation));
        }
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private ModelBlock? PickPlain(byte kind)
    {
        ModelBlock[] all =
        [
            .. _model.Segments.SelectMany(static segment => segment.Blocks)
                .Where(block => block.Kind == kind && block.IsPlain && block.Stored.Length > block.StateBytes),
        ];
        return all.Length == 0 ? null : Pick(all);
    }

    private bool Change(Span<byte> bytes, Field[] fields)
    {
        Pick(fields).Change(bytes, random);
        return true;
    }

    private bool ChangeByte(Span<byte> bytes)
    {
        int at = random.Next(bytes.Length);
        bytes[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(bytes[at] ^ (1 << random.Next(8)));
        return true;
    }

    private bool TryChangeIndex(ModelBlock index)
    {
        int count = index.Stored.Length / 48;
        return count > 0 && Change(index.Stored.AsSpan(48 * random.Next(count), 48), Field.Index);
    }

    private bool TryChangeManifest()
    {
        Span<byte> manifest = _model.Manifest;
        if (manifest.Length < 44)
            return false;
        int numbers = (manifest.Length - 44) / 8;
        if (numbers == 0 || random.Next(3) == 0)
            return Change(manifest, Field.ManifestStart);
        new Field(40 + (8 * random.Next(numbers)), 8).Change(manifest, random);
        return true;
    }

    // A number of up to ten bytes where there was a byte: a length, a difference, an event's number that nothing can have.
    private bool TryChangeLength(ModelBlock? block, Func<ModelBlock, int> from)
    {
        if (block is null)
            return false;
        int at = random.Next(from(block), block.Stored.Length);
        var number = new List<byte>();
        ulong value = (ulong)random.NextInt64() >> random.Next(63);
        for (value |= random.Next(4) == 0 ? 1UL << 63 : 0; value >= 0x80; value >>= 7)
            number.Add((byte)(value | 0x80));
        number.Add((byte)value);
        block.Store([.. block.Stored[..at], .. number, .. block.Stored[(at + random.Next(2))..]]);
        return true;
    }

    private bool TryChangeEvents(bool isInserted)
    {
        if (PickPlain(2) is not { } block)
            return false;
        int at = random.Next(block.StateBytes, block.Stored.Length);
        int length = 1 + random.Next(Math.Min(30, block.Stored.Length - at));
        byte[] added = isInserted ? block.Stored[at..(at + length)] : [];
        block.Store([.. block.Stored[..at], .. added, .. block.Stored[(isInserted ? at : at + length)..]]);
        Span<byte> count = block.Header.AsSpan(28);
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteInt32LittleEndian(count, BinaryPrimitives.ReadInt32LittleEndian(count) + random.Next(-1, 2));
        return true;
    }
}

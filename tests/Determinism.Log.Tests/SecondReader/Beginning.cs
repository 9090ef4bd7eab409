namespace Determinism.Log.Tests.SecondReader;

/// <summary>Where a log begins whose oldest part was dropped, as the table has it.</summary>
internal sealed record Beginning(int Base, int First, uint Checkpoint, byte[] Link, Stand[] Streams)
{
    /// <summary>The last one that the segments have; null if there is none.</summary>
    public static Beginning? FindLast(IReadOnlyDictionary<string, byte[]> files, byte[]? encryption)
    {
        foreach (string name in files.Keys.Where(static name => name.EndsWith(".detlog", StringComparison.Ordinal)).OrderDescending())
        {
            byte[] bytes = files[name];
            if (bytes.Length < 64)
                continue;
            var start = new Input(bytes.AsMemory(0, 64));
            start.Bytes(10);
            int streams = start.UInt16();
            start.Bytes(4);
            var keys = new Keys(encryption, null, start.Bytes(16));
            start.UInt64();
            bool isChained = (start.Byte() & 1) != 0;
            Beginning? found = null;
            for (int at = 64; Head.TryRead(bytes.AsMemory(at)) is { } head;)
            {
                long end = (at + (long)Head.Size + head.Stored + (isChained ? 32 : 0) + 7) & ~7L;
                if (end > bytes.Length || Crc.Of(bytes.AsSpan(at + Head.Size, head.Stored)) != head.Crc)
                    break;
                if (head.Kind == 15)
                    found = Read(keys, bytes.AsMemory(at), head, streams);
                at = (int)end;
            }
            if (found is not null)
                return found;
        }
        return null;
    }

    private static Beginning Read(Keys keys, ReadOnlyMemory<byte> block, Head head, int streams)
    {
        ReadOnlySpan<byte> stored = block.Span.Slice(Head.Size, head.Stored);
        byte[] content = head.Encrypted ? keys.Decrypt(block.Span[..Head.Size], head, stored) : stored.ToArray();
        var at = new Input(head.Compression == 0 ? content : Lz4.Decode(content, head.Plain));
        (int @base, int first, uint checkpoint) = ((int)at.UInt32(), (int)at.UInt32(), at.UInt32());
        at.UInt32();
        return new Beginning(@base, first, checkpoint, at.Bytes(32),
            [.. Enumerable.Range(0, streams).Select(_ => new Stand(at.UInt64(), at.UInt64(), at.UInt64(), at.UInt64()))]);
    }
}

namespace Determinism.Log;

/// <summary>The bytes of one stream, in chunks that never move; no event lies across two.</summary>
/// <remarks>One writer. A chunk's length is published with release semantics after its bytes, so that any thread can read
/// what has been published.</remarks>
internal sealed class StreamBuffer
{
    private const int ChunkBytes = 1 << 16;

    private readonly Chunk _first = new(ChunkBytes);
    private Chunk _last;
    private long _length;

    public StreamBuffer() => _last = _first;

    /// <summary>Bytes published.</summary>
    public long Length => Volatile.Read(ref _length);

    public long Append(ReadOnlySpan<byte> data)
    {
        Chunk chunk = _last;
        if (data.Length > chunk.Bytes.Length - chunk.Used)
        {
            var next = new Chunk(Math.Max(ChunkBytes, data.Length)) { Start = _length };
            Volatile.Write(ref chunk.Next, next);
            _last = chunk = next;
        }
        data.CopyTo(chunk.Bytes.AsSpan(chunk.Used));
        Volatile.Write(ref chunk.Used, chunk.Used + data.Length);
        Volatile.Write(ref _length, _length + data.Length);
        return _length;
    }

    /// <summary>The published bytes of the chunk that holds an offset, from there on; empty at the end.</summary>
    public ReadOnlyMemory<byte> Read(long offset)
    {
        for (Chunk? chunk = _first; chunk is not null; chunk = Volatile.Read(ref chunk.Next))
        {
            int used = Volatile.Read(ref chunk.Used);
            if (offset < chunk.Start + used)
                return chunk.Bytes.AsMemory((int)(offset - chunk.Start), used - (int)(offset - chunk.Start));
        }
        return default;
    }

    private sealed class Chunk(int size)
    {
        public readonly byte[] Bytes = new byte[size];
        public long Start;
        public int Used;
        public Chunk? Next;
    }
}

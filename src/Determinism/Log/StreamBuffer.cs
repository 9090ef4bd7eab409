using System.Runtime.CompilerServices;

namespace Determinism.Log;

/// <summary>The bytes of one stream, in chunks that never move; no event lies across two.</summary>
/// <remarks>One writer. A chunk's length is published with release semantics after its bytes, so that any thread can read
/// what has been published.</remarks>
internal sealed class StreamBuffer
{
    private const int ChunkBytes = 1 << 16;

    private readonly Chunk _first = new(ChunkBytes, start: 0);
    private Chunk _last;

    public StreamBuffer() => _last = _first;

    /// <summary>Bytes published.</summary>
    public long Length
    {
        get
        {
            Chunk last = Volatile.Read(ref _last);
            return last.Start + Volatile.Read(ref last.Used);
        }
    }

    public long Append(ReadOnlySpan<byte> data)
    {
        Chunk chunk = _last;
        int used = chunk.Used;
        if (data.Length > chunk.Bytes.Length - used)
        {
            chunk = Extend(data.Length);
            used = 0;
        }
        data.CopyTo(chunk.Bytes.AsSpan(used));
        used += data.Length;
        Volatile.Write(ref chunk.Used, used);
        return chunk.Start + used;
    }

    /// <summary>The published bytes of the chunk that holds an offset, from there on; empty at the end.</summary>
    public ReadOnlyMemory<byte> Read(long offset)
    {
        for (Chunk? chunk = _first; chunk is not null;)
        {
            // In this order: a chunk that has a next one has all its bytes.
            Chunk? next = Volatile.Read(ref chunk.Next);
            int used = Volatile.Read(ref chunk.Used);
            if (offset < chunk.Start + used)
                return chunk.Bytes.AsMemory((int)(offset - chunk.Start), used - (int)(offset - chunk.Start));
            chunk = next;
        }
        return default;
    }

    // Once in thousands of events: apart from what happens at each.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Chunk Extend(int length)
    {
        Chunk last = _last;
        var next = new Chunk(Math.Max(ChunkBytes, length), last.Start + last.Used);
        Volatile.Write(ref last.Next, next);
        Volatile.Write(ref _last, next);
        return next;
    }

    private sealed class Chunk(int size, long start)
    {
        public readonly byte[] Bytes = new byte[size];
        public readonly long Start = start;
        public int Used;
        public Chunk? Next;
    }
}

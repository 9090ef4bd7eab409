using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Determinism.Tests.Scripted;

/// <summary>Words by address; what nobody wrote is zero and costs nothing.</summary>
internal sealed class ScriptedMemory
{
    private const int ChunkShift = 12;
    private const int ChunkMask = (1 << ChunkShift) - 1;

    private readonly ConcurrentDictionary<ulong, byte[]> _chunks = new();

    public ulong Read(ulong address) => _chunks.TryGetValue(address >> ChunkShift, out byte[]? chunk)
        ? Volatile.Read(ref Word(chunk, address))
        : 0;

    public void Write(ulong address, ulong value) => Volatile.Write(ref Word(Chunk(address), address), value);

    public void CopyTo(ulong address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int at = (int)(address & ChunkMask);
            int length = Math.Min(destination.Length, (1 << ChunkShift) - at);
            if (_chunks.TryGetValue(address >> ChunkShift, out byte[]? chunk))
                chunk.AsSpan(at, length).CopyTo(destination);
            else
                destination[..length].Clear();
            destination = destination[length..];
            address += (ulong)length;
        }
    }

    public void CopyFrom(ulong address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int at = (int)(address & ChunkMask);
            int length = Math.Min(source.Length, (1 << ChunkShift) - at);
            source[..length].CopyTo(Chunk(address).AsSpan(at));
            source = source[length..];
            address += (ulong)length;
        }
    }

    /// <summary>All words that are not zero.</summary>
    public SortedDictionary<ulong, ulong> Snapshot()
    {
        var words = new SortedDictionary<ulong, ulong>();
        foreach ((ulong number, byte[] chunk) in _chunks)
        {
            for (ulong at = 0; at <= ChunkMask; at += sizeof(ulong))
            {
                if (Word(chunk, at) is var value and not 0)
                    words.Add((number << ChunkShift) + at, value);
            }
        }
        return words;
    }

    private byte[] Chunk(ulong address) => _chunks.GetOrAdd(address >> ChunkShift, _ => new byte[1 << ChunkShift]);

    private static ref ulong Word(byte[] chunk, ulong address) =>
        ref MemoryMarshal.Cast<byte, ulong>(chunk.AsSpan())[(int)(address & ChunkMask) / sizeof(ulong)];
}

using System.Buffers;
using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>Bytes that are written one after the other, kept for the next time.</summary>
internal sealed class GrowingBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[Pieces.Bytes];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Advance(int count)
    {
        Guard.InRange(count >= 0 && count <= _bytes.Length - Length, count, nameof(count), "There is no such room.");
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void WriteByte(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void WriteVarint(ulong value) => Length += Varint.Write(GetSpan(Varint.MaximumBytes), 0, value);

    private void MakeRoom(int size)
    {
        size = Math.Max(size, 1);
        if (size <= _bytes.Length - Length)
            return;
        long wanted = Math.Min(Math.Max(2L * _bytes.Length, (long)Length + size), LogLimits.MaximumContentBytes);
        if (wanted - Length < size)
            throw new DeterminismException("A checkpoint would have more than 2 GiB.");
        Array.Resize(ref _bytes, (int)wanted);
    }
}

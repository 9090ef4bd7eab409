using System.Runtime.InteropServices;

namespace Determinism.Log;

/// <summary>The end of a stream, in memory: what has been appended and not yet been taken for the file.</summary>
/// <remarks>
/// The stream's writer alone appends: it fills <see cref="Bytes"/> and then publishes <see cref="Used"/> with release
/// semantics. The log's thread reads <see cref="Used"/> with acquire semantics, and so the bytes below it. The array is
/// changed for another by the stream's writer only, under the log's gate, which the log's thread holds when it looks.
/// <see cref="Taken"/> is guarded by the gate. Padded, so that writers on two processors do not share a cache line.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal sealed class StreamTail
{
    /// <summary>Events of this stream, from <see cref="Start"/> on.</summary>
    [FieldOffset(128)]
    public byte[] Bytes = new byte[LogLimits.BlockBytes];

    /// <summary>Bytes of the stream before the array.</summary>
    [FieldOffset(136)]
    public long Start;

    /// <summary>Bytes published in the array.</summary>
    [FieldOffset(144)]
    public int Used;

    /// <summary>Bytes of the array that the log's thread has taken.</summary>
    [FieldOffset(148)]
    public int Taken;

    public long Length => Start + Volatile.Read(ref Used);
}

namespace Determinism.Log;

/// <summary>Events that wait for the file, stream by stream, and the arrays that they are in.</summary>
/// <remarks>Guarded by the log's gate; only <see cref="StreamTail"/>'s appends go without it. Bounded: a stream that is ahead
/// by more than its share is not given another array (<see cref="IsFull"/>).</remarks>
internal sealed class Backlog(StreamTail[] tails, int bytesPerStream)
{
    private readonly long[] _waiting = new long[tails.Length];
    private readonly Queue<Run> _sealed = new();
    private readonly Stack<byte[]> _free = new();

    /// <summary>Whether any array is full.</summary>
    public bool HasFull => _sealed.Count > 0;

    /// <summary>Whether a stream has to wait before it may go on. One full array alone never makes it wait, however large its
    /// event.</summary>
    public bool IsFull(int stream) => _waiting[stream] > 0 && _waiting[stream] + tails[stream].Used > bytesPerStream;

    /// <summary>Gives a stream another array, with room for an event of a length.</summary>
    public void Seal(int stream, int length)
    {
        StreamTail tail = tails[stream];
        _sealed.Enqueue(new Run(stream, tail.Bytes, tail.Taken, tail.Used, IsSealed: true));
        _waiting[stream] += tail.Used;
        tail.Start += tail.Used;
        tail.Bytes = length > LogLimits.BlockBytes ? new byte[length]
            : _free.Count > 0 ? _free.Pop()
            : new byte[LogLimits.BlockBytes];
        tail.Taken = 0;
        Volatile.Write(ref tail.Used, 0);
    }

    /// <summary>Takes what is to be written now: full arrays, and, if asked, the published part of the others.</summary>
    /// <param name="runs">What is taken.</param>
    /// <param name="promised">How far each stream may be acknowledged when all that was taken, tails too, is durable.</param>
    /// <param name="withTails">Whether to take what is not full.</param>
    public void Take(List<Run> runs, long[] promised, bool withTails)
    {
        // Streams go on while they are looked at, one after the other. Only what was there before the first of them is taken
        // is promised: its causes, in whatever stream, were there by then, and so are taken too (law L9).
        for (int stream = 0; stream < tails.Length; stream++)
            promised[stream] = tails[stream].Length;
        while (_sealed.Count > 0)
            runs.Add(_sealed.Dequeue());
        if (!withTails)
            return;
        for (int stream = 0; stream < tails.Length; stream++)
        {
            StreamTail tail = tails[stream];
            int used = Volatile.Read(ref tail.Used);
            if (used > tail.Taken)
                runs.Add(new Run(stream, tail.Bytes, tail.Taken, used, IsSealed: false));
            tail.Taken = used;
        }
    }

    /// <summary>Says that a run is in the file: a full array may be used again.</summary>
    public void Return(Run run)
    {
        if (!run.IsSealed)
            return;
        _waiting[run.Stream] -= run.To;
        if (run.Bytes.Length == LogLimits.BlockBytes)
            _free.Push(run.Bytes);
    }

    /// <summary>Part of an array: bytes <paramref name="From"/> to <paramref name="To"/> of a stream's events.</summary>
    public readonly record struct Run(int Stream, byte[] Bytes, int From, int To, bool IsSealed)
    {
        public ReadOnlySpan<byte> Events => Bytes.AsSpan(From, To - From);
    }
}

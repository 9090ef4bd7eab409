namespace Determinism.Emulation.History;

/// <content>Who wrote where.</content>
public sealed partial class RecordedHistory
{
    /// <summary>Finds who wrote to memory last before the present position.</summary>
    /// <remarks>Looks at the pieces between the checkpoints that have been passed, the last one first. Another replay looks: this
    /// history stays where it is.</remarks>
    /// <param name="address">The first byte.</param>
    /// <param name="size">Number of bytes, at least 1.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The write; null if nobody has written there.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such memory.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="Debugging.DebugTargetException">The replay failed.</exception>
    public RecordedWrite? FindLastWriter(ulong address, ulong size, CancellationToken cancellationToken = default)
    {
        CheckMemory(address, size);
        using var past = new RecordedHistory(this);
        for (ulong end = Position; end > 0;)
        {
            ulong start = past.CheckpointBefore(end);
            past.Seek(start, cancellationToken);
            RecordedWrite? last = null;
            foreach (RecordedWrite one in past.ReadWrites(address, (int)size, end, cancellationToken))
                last = one;
            if (last is not null)
                return last;
            end = start;
        }
        return null;
    }

    /// <summary>Finds all who write to memory in the whole recording, wherever this history stands.</summary>
    /// <remarks>A partial write counts, and one that leaves what is there. What stands there before the first step is nobody's. Each
    /// enumeration is a replay of its own, as far as it goes.</remarks>
    /// <param name="address">The first byte.</param>
    /// <param name="size">Number of bytes, at least 1.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The writes, found as they are enumerated, in their order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such memory.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="Debugging.DebugTargetException">The replay failed.</exception>
    public IEnumerable<RecordedWrite> FindWriters(ulong address, ulong size, CancellationToken cancellationToken = default)
    {
        CheckMemory(address, size);
        return Find();

        IEnumerable<RecordedWrite> Find()
        {
            using var whole = new RecordedHistory(this);
            foreach (RecordedWrite one in whole.ReadWrites(address, (int)size, ulong.MaxValue, cancellationToken))
                yield return one;
        }
    }

    private void CheckMemory(ulong address, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Math.Min(_configuration.MemoryBytes, int.MaxValue));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, _configuration.MemoryBytes - size);
    }

    /// <summary>Goes on to a position, and gives back what is written on the way.</summary>
    private IEnumerable<RecordedWrite> ReadWrites(ulong address, int size, ulong end, CancellationToken cancellationToken)
    {
        var watch = new WriteWatch(this, address, size);
        _replay.Writes = watch;
        while (Position < end && NextThread != 0)
        {
            Advance(end, watch, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            watch.Close();
            while (watch.Found.TryDequeue(out RecordedWrite? one))
                yield return one;
        }
    }
}

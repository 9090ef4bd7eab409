using Determinism.Debugging;

namespace Determinism.Emulation.History;

/// <content>Who wrote where.</content>
public sealed partial class RecordedHistory
{
    /// <summary>Finds who wrote to memory last before the present position.</summary>
    /// <remarks>Looks at the pieces between the checkpoints that have been passed, the last one first.</remarks>
    /// <param name="address">The first byte.</param>
    /// <param name="size">Number of bytes, at least 1.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The step; null if nobody did.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DebugTargetException">The replay failed.</exception>
    public WriterStep? FindLastWriter(ulong address, ulong size, CancellationToken cancellationToken = default)
    {
        // Another replay looks, and this one stays where it is.
        using RecordedHistory past = Look(address, size);
        for (ulong end = Position; end > 0;)
        {
            ulong start = past.CheckpointBefore(end);
            past.Seek(start, cancellationToken);
            IReadOnlyList<WriterStep> writers = past.Watch(address, size, end, cancellationToken);
            if (writers.Count > 0)
                return writers[^1];
            end = start;
        }
        return null;
    }

    /// <summary>Finds all who write to memory in the whole recording, wherever it stands.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="size">Number of bytes, at least 1.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The steps, in their order. What devices and the monitor write counts for the step before it; what is there before
    /// the first step is nobody's.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DebugTargetException">The replay failed.</exception>
    public IReadOnlyList<WriterStep> FindWriters(ulong address, ulong size, CancellationToken cancellationToken = default)
    {
        using RecordedHistory whole = Look(address, size);
        return whole.Watch(address, size, ulong.MaxValue, cancellationToken);
    }

    private RecordedHistory Look(ulong address, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, _configuration.MemoryBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, _configuration.MemoryBytes - size);
        return new RecordedHistory(this);
    }

    private List<WriterStep> Watch(ulong address, ulong size, ulong end, CancellationToken cancellationToken)
    {
        var watch = new WriterWatch(this, new DebugPoint(DebugPointKind.WriteWatchpoint, address, size));
        Advance(end, watch, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return watch.Steps;
    }

    private sealed class WriterWatch(RecordedHistory history, DebugPoint point) : IHistoryObserver
    {
        private ulong _position = history.Position;
        private ulong _address = history.NextAddress;

        public List<WriterStep> Steps { get; } = [];

        public bool Taken(in HistoryStep step)
        {
            foreach (HistoryAccess access in step.Accesses)
            {
                if (!point.Watches(access.Address, access.Size, access.IsWrite))
                    continue;
                var content = new byte[point.Size];
                history.ReadMemory(point.Address, content);
                Steps.Add(new WriterStep(_position, step.Thread, _address, content));
                break;
            }
            _position = history.Position;
            _address = history.NextAddress;
            return false;
        }
    }
}

using Determinism.Checkpoints;

namespace Determinism.Log;

/// <summary>Follows the checkpoints of a log that is verified.</summary>
internal sealed class CheckpointCheck(StreamCheck[] streams)
{
    private CheckpointOrder _order = new();
    private LogBeginning? _beginning;

    /// <summary>Number of the checkpoint that the log begins at, if it has not come; null otherwise.</summary>
    public int? Missing => _order.IsBefore ? _beginning!.Checkpoint : null;

    /// <summary>The log begins behind what was dropped.</summary>
    public void BeginAt(LogBeginning beginning)
    {
        _beginning = beginning;
        _order = new CheckpointOrder(beginning.Checkpoint);
    }

    /// <summary>Goes on by a block.</summary>
    /// <exception cref="LogDamagedException">It is not what can come next.</exception>
    public void Pass(ReadOnlySpan<byte> block)
    {
        CheckpointContent content = CheckpointReader.Read(block, streams.Length);
        if (!_order.Pass(content))
            return;
        for (int stream = 0; stream < streams.Length; stream++)
        {
            ulong events = content.Agents[stream].Position.Events;
            // All that is in it was written before it.
            if (streams[stream].Position is { } end && !streams[stream].IsOpaque && events >= end.NextEvent)
                throw new LogDamagedException($"Checkpoint {content.Number} has {events} events of agent {stream}; before it there are {end.NextEvent - 1}.");
            if (_beginning is not null && events + 1 < _beginning.Starts[stream].NextEvent)
                throw new LogDamagedException($"Event {events + 1} of agent {stream}, which comes after checkpoint {content.Number}, was dropped.");
        }
    }
}

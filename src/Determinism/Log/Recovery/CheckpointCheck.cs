using Determinism.Checkpoints;

namespace Determinism.Log;

/// <summary>Follows the checkpoints of a log that is verified.</summary>
internal sealed class CheckpointCheck(StreamCheck[] streams)
{
    private CheckpointContent? _before;

    /// <summary>Goes on by a block.</summary>
    /// <exception cref="LogDamagedException">It is not what can come next.</exception>
    public void Pass(ReadOnlySpan<byte> block)
    {
        CheckpointContent content = CheckpointReader.Read(block, streams.Length);
        CheckpointOrder.ThrowIfOutOfOrder(_before, content);
        _before = content;
        for (int stream = 0; stream < streams.Length; stream++)
        {
            // All that is in it was written before it.
            if (streams[stream].Position is { } end && !streams[stream].IsOpaque
                && content.Agents[stream].Position.Events >= end.NextEvent)
                throw new LogDamagedException($"Checkpoint {content.Number} has {content.Agents[stream].Position.Events} events of "
                    + $"agent {stream}; before it there are {end.NextEvent - 1}.");
        }
    }
}

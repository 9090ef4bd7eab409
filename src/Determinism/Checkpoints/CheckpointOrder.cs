namespace Determinism.Checkpoints;

/// <summary>What must be true of the checkpoints of a log, one after the other.</summary>
/// <param name="beginning">Number of the checkpoint that the log begins at since its oldest part was dropped; 0 if it was
/// not.</param>
internal sealed class CheckpointOrder(int beginning = 0)
{
    private CheckpointContent? _before;
    private ulong _firstContent;

    /// <summary>Whether the checkpoint that the log begins at is yet to come.</summary>
    public bool IsBefore => beginning > 0 && _before is null;

    /// <summary>Goes on by a checkpoint.</summary>
    /// <returns>False: it needs something that was dropped, and is of no use.</returns>
    /// <exception cref="LogDamagedException">It does not go on from the one before it, needs what is not there, or is no
    /// cut.</exception>
    public bool Pass(CheckpointContent content)
    {
        if (IsBefore && content.Number < beginning)
            return false;
        if (IsBefore && !(content.Number == beginning && content.IsWhole))
            throw new LogDamagedException($"The log begins at checkpoint {beginning}; checkpoint {content.Number} is there instead, or is not whole.");
        if (!IsBefore)
            ThrowIfOutOfOrder(_before, content);
        // Nothing but itself is what whole checkpoints leave to those behind them.
        if (_before is null || content.IsWhole)
            _firstContent = content.FirstContent;
        if (content.FindContentBefore(_firstContent) is not Pieces.Zeros and var missing)
            throw new LogDamagedException($"Checkpoint {content.Number} needs content {missing}, which the whole checkpoint before it left behind.");
        _before = content;
        return true;
    }

    private static void ThrowIfOutOfOrder(CheckpointContent? before, CheckpointContent content)
    {
        if (content.Number != (before?.Number ?? 0) + 1 || content.FirstContent != (before?.NextContent ?? 1))
            throw new LogDamagedException($"Checkpoint {content.Number} does not go on from the one before it.");
        for (int agent = 0; agent < content.Agents.Length; agent++)
        {
            if (before is not null && content.Agents[agent].Position.IsBefore(before.Agents[agent].Position))
                throw new LogDamagedException($"In checkpoint {content.Number} agent {agent} stands before the checkpoint before it.");
            for (int other = 0; other < content.Agents.Length; other++)
            {
                if (content.Agents[agent].Clock[other] > content.Agents[other].Position.Events)
                    throw new LogDamagedException($"Checkpoint {content.Number} is no cut: agent {agent} comes after an event of agent {other} that is not in it.");
            }
        }
    }
}

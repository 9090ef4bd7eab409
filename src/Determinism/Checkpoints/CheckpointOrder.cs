namespace Determinism.Checkpoints;

/// <summary>What must be true of the checkpoints of a log, one after the other.</summary>
internal static class CheckpointOrder
{
    /// <exception cref="LogDamagedException">A checkpoint does not go on from the one before it, or is no cut.</exception>
    public static void ThrowIfOutOfOrder(CheckpointContent? before, CheckpointContent content)
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

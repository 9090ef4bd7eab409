namespace Determinism.Checkpoints;

/// <summary>An instant of the whole machine: a position of every agent, such that no event before it comes after one that is
/// not (it is closed under the constraints). Each replay passes it, if it stops the agents there.</summary>
/// <remarks>Immutable.</remarks>
public sealed class Cut
{
    private readonly AgentPosition[] _positions;

    internal Cut(AgentPosition[] positions) => _positions = positions;

    /// <summary>The agents' positions, by their numbers.</summary>
    public IReadOnlyList<AgentPosition> Positions => _positions;

    /// <summary>Whether the machine comes from here to another cut, or is there.</summary>
    /// <remarks>False also where that cannot be told from positions alone: of a vCPU with the software counter that stands
    /// between the same two events in both, once at a count and once at an exit.</remarks>
    /// <param name="later">The other cut, of the same log.</param>
    public bool IsWithin(Cut later)
    {
        Guard.NotNull(later);
        for (int agent = 0; agent < _positions.Length; agent++)
        {
            if (!_positions[agent].IsWithin(later._positions[agent]))
                return false;
        }
        return true;
    }

    /// <summary>Whether all positions are the same.</summary>
    /// <param name="other">The other cut.</param>
    public bool IsSame(Cut other) => _positions.AsSpan().SequenceEqual(Guard.NotNull(other)._positions);

    /// <summary>Number of events of all agents before it.</summary>
    public ulong EventCount
    {
        get
        {
            ulong sum = 0;
            foreach (AgentPosition one in _positions)
                sum += one.Events;
            return sum;
        }
    }

    /// <summary>The same cut as another object: agents that stand at this one go on to it.</summary>
    internal Cut Renew() => new(_positions);

    /// <summary>The cut but for one agent.</summary>
    internal Cut With(int agent, AgentPosition position)
    {
        AgentPosition[] positions = [.. _positions];
        positions[agent] = position;
        return new Cut(positions);
    }

    /// <inheritdoc />
    public override string ToString() => string.Join("; ", _positions.Select(static (one, agent) => $"agent {agent}: {one}"));
}

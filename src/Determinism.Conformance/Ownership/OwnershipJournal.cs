namespace Determinism.Conformance;

/// <summary>A sink that takes down what a tracker does and watches the laws over it.</summary>
/// <remarks>
/// An agent's events are the calls of <see cref="Reduced"/> and <see cref="Elevated"/> for it, numbered from 1: a tracker
/// whose numbers come from elsewhere must complete one event with each. Thread-safe.
/// </remarks>
public sealed class OwnershipJournal : IOwnershipSink
{
    private readonly object _lock = new();
    private readonly int _agentCount;
    private readonly Dictionary<ulong, AccessRight[]> _rights = [];
    private readonly List<JournalEntry> _entries = [];
    private readonly List<string> _violations = [];
    private readonly List<ulong[]>[] _clocks;
    private readonly int[] _kicks;

    /// <summary>Creates an empty journal.</summary>
    /// <param name="agentCount">Number of agents.</param>
    public OwnershipJournal(int agentCount)
    {
        _agentCount = agentCount;
        _kicks = new int[agentCount];
        _clocks = new List<ulong[]>[agentCount];
        for (int agent = 0; agent < agentCount; agent++)
            _clocks[agent] = [new ulong[agentCount]];
    }

    /// <summary>All calls so far.</summary>
    public IReadOnlyList<JournalEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <summary>What broke the laws so far: exclusion (L1), and constraints that cannot be (L2).</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_lock)
                return [.. _violations];
        }
    }

    /// <summary>Constraints that others had implied already (law L4).</summary>
    public int ImpliedConstraints { get; private set; }

    /// <summary>Constraints so far.</summary>
    public int Constraints { get; private set; }

    /// <summary>How often an agent was asked to leave.</summary>
    /// <param name="agent">The agent.</param>
    public int Kicks(int agent) => Volatile.Read(ref _kicks[agent]);

    /// <summary>Number of the agent's latest event.</summary>
    /// <param name="agent">The agent.</param>
    public ulong EventCount(int agent)
    {
        lock (_lock)
            return Latest(agent);
    }

    /// <summary>Whether the constraints order what one agent did after its event before what another did after its
    /// own.</summary>
    /// <param name="first">The one.</param>
    /// <param name="afterFirst">Its latest event then.</param>
    /// <param name="second">The other.</param>
    /// <param name="afterSecond">Its latest event then.</param>
    public bool IsOrdered(int first, ulong afterFirst, int second, ulong afterSecond)
    {
        lock (_lock)
            return first == second ? afterFirst <= afterSecond : _clocks[second][(int)afterSecond][first] > afterFirst;
    }

    /// <inheritdoc />
    public void Apply(int agent, ulong frame, AccessRight right)
    {
        lock (_lock)
        {
            _entries.Add(new JournalEntry(JournalEntryKind.Applied, agent, frame, right));
            AccessRight[] rights = Row(frame);
            rights[agent] = right;
            for (int other = 0; other < _agentCount; other++)
            {
                if (other != agent && right != AccessRight.None && rights[other] != AccessRight.None
                    && (right == AccessRight.ReadWrite || rights[other] == AccessRight.ReadWrite))
                    _violations.Add($"Agent {agent} got {right} of frame {frame} while agent {other} had {rights[other]}.");
            }
        }
    }

    /// <inheritdoc />
    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight)
    {
        lock (_lock)
        {
            _entries.Add(new JournalEntry(JournalEntryKind.Reduced, agent, frame, newRight));
            if (newRight >= oldRight)
                _violations.Add($"Agent {agent} was reduced from {oldRight} to {newRight}.");
            if (Row(frame)[agent] != newRight)
                _violations.Add($"Agent {agent}'s reduction to {newRight} was told, but not made effective.");
            Complete(agent);
        }
    }

    /// <inheritdoc />
    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints)
    {
        lock (_lock)
        {
            _entries.Add(new JournalEntry(JournalEntryKind.Elevated, agent, frame, newRight));
            if (newRight <= oldRight)
                _violations.Add($"Agent {agent} was raised from {oldRight} to {newRight}.");
            if (Row(frame)[agent] != newRight)
                _violations.Add($"Agent {agent}'s right {newRight} was told, but not made effective.");
            Complete(agent, constraints);
        }
    }

    /// <inheritdoc />
    public void Kick(int agent)
    {
        Interlocked.Increment(ref _kicks[agent]);
        lock (_lock)
            _entries.Add(new JournalEntry(JournalEntryKind.Kicked, agent, 0, AccessRight.None));
    }

    /// <inheritdoc />
    public void Stolen(ulong frame, int winner, int loser)
    {
        lock (_lock)
            _entries.Add(new JournalEntry(JournalEntryKind.Stolen, winner, frame, AccessRight.None, loser));
    }

    private ulong Latest(int agent) => (ulong)_clocks[agent].Count - 1;

    private AccessRight[] Row(ulong frame)
    {
        if (!_rights.TryGetValue(frame, out AccessRight[]? rights))
            _rights.Add(frame, rights = new AccessRight[_agentCount]);
        return rights;
    }

    private void Complete(int agent, ReadOnlySpan<OrderingConstraint> constraints = default)
    {
        var clock = (ulong[])_clocks[agent][(int)Latest(agent)].Clone();
        foreach (OrderingConstraint one in constraints)
        {
            if (one.Agent == agent || one.EventNumber == 0 || one.EventNumber > Latest(one.Agent))
            {
                _violations.Add($"Agent {agent} was ordered after event {one.EventNumber} of agent {one.Agent}, "
                    + $"which has completed {Latest(one.Agent)}.");
                continue;
            }
            Constraints++;
            if (IsImplied(one, clock, constraints))
                ImpliedConstraints++;
        }
        foreach (OrderingConstraint one in constraints)
        {
            if (one.Agent != agent && one.EventNumber <= Latest(one.Agent))
                Join(clock, one);
        }
        clock[agent] = Latest(agent) + 1;
        _clocks[agent].Add(clock);
    }

    private bool IsImplied(OrderingConstraint one, ulong[] before, ReadOnlySpan<OrderingConstraint> constraints)
    {
        if (before[one.Agent] >= one.EventNumber)
            return true;
        foreach (OrderingConstraint other in constraints)
        {
            if (other.Agent != one.Agent && other.EventNumber <= Latest(other.Agent)
                && _clocks[other.Agent][(int)other.EventNumber][one.Agent] >= one.EventNumber)
                return true;
        }
        return false;
    }

    private void Join(ulong[] clock, OrderingConstraint source)
    {
        ulong[] theirs = _clocks[source.Agent][(int)source.EventNumber];
        for (int agent = 0; agent < _agentCount; agent++)
            clock[agent] = Math.Max(clock[agent], theirs[agent]);
    }
}

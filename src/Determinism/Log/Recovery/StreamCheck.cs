namespace Determinism.Log;

/// <summary>Follows one stream from block to block, and looks at each of its events.</summary>
internal sealed class StreamCheck(int stream, int agentCount, ProblemList problems)
{
    private readonly ulong[] _sources = new ulong[agentCount];
    private StreamState _state = new(agentCount);
    private ulong _nextEvent = 1;
    private long _offset;
    private bool _isKnown = true;
    private bool _isStateKnown = true;

    /// <summary>Where the stream stands, if that is known.</summary>
    public StreamStart? Position => _isKnown ? new StreamStart(_nextEvent, _offset, _state.Count, _state.Exit) : null;

    /// <summary>Whether the stream is not of this library's events, from some block on.</summary>
    public bool IsOpaque { get; private set; }

    public ulong Events { get; private set; }

    /// <summary>Number of the last event that any block tells of.</summary>
    public ulong LastEvent { get; private set; }

    public long Constraints { get; private set; }

    /// <summary>The latest event of each agent that a constraint names, and where that constraint is.</summary>
    public (ulong EventNumber, ulong Carrier, LogProblem? Block)[] Latest { get; } = new (ulong, ulong, LogProblem?)[agentCount];

    /// <summary>Something of the stream is missing: the next block says where it goes on.</summary>
    public void Lose() => _isKnown = false;

    /// <summary>The log begins behind some of the stream's events.</summary>
    public void BeginAt(in StreamStart start)
    {
        MoveTo(start.NextEvent, start.Offset);
        (_state.Count, _state.Exit) = (start.Count, start.Exit);
        // The rest of it only the first block says.
        _isStateKnown = false;
        LastEvent = start.NextEvent - 1;
    }

    /// <summary>Takes down what a block tells of, whether or not it can be read.</summary>
    public void See(in BlockHeader header) =>
        LastEvent = Math.Max(LastEvent, header.Extent.FirstEvent + (ulong)header.EventCount - 1);

    /// <summary>Whether a block begins where the stream stands.</summary>
    public bool GoesOn(in BlockHeader header) =>
        !_isKnown || (header.Extent.FirstEvent == _nextEvent && header.Extent.StreamOffset == _offset);

    /// <summary>Goes on by a block whose content nobody can look into.</summary>
    public void PassUnseen(in BlockHeader header)
    {
        IsOpaque |= (header.Flags & BlockFlags.Opaque) != 0;
        Events += (ulong)header.EventCount;
        MoveTo(header.Extent.FirstEvent + (ulong)header.EventCount, header.Extent.StreamOffset + header.EventBytes);
        _state.Count = header.Extent.LastCount;
        _state.Exit = header.Extent.LastExit;
    }

    /// <summary>Goes on by a block.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="content">Its content.</param>
    /// <param name="here">Where it is.</param>
    public void Pass(in BlockHeader header, ReadOnlySpan<byte> content, LogProblem here)
    {
        if ((header.Flags & BlockFlags.Opaque) != 0)
        {
            if (header.EventCount != 0 || header.StateLength != 0)
                Damage(here, "An opaque block says that it has events or a state.");
            PassUnseen(header);
            return;
        }
        if (IsOpaque)
            Damage(here, "Events come after a block that is opaque.");
        if (!StreamState.TryRead(content[..header.StateLength], agentCount, out StreamState state, out int consumed)
            || consumed != header.StateLength)
        {
            Damage(here, "The state that the block begins with cannot be read.");
            Lose();
            return;
        }
        if (_isKnown && !(_isStateKnown ? IsSame(state, _state) : state.Count == _state.Count && state.Exit == _state.Exit))
            Damage(here, "The state that the block begins with is not what the blocks before it come to.");
        _nextEvent = header.Extent.FirstEvent;
        if (!TryPassEvents(header, content[header.StateLength..], state, here))
            Lose();
    }

    private bool TryPassEvents(in BlockHeader header, ReadOnlySpan<byte> events, in StreamState state, LogProblem here)
    {
        var decoder = new EventDecoder(state);
        state.Sources.CopyTo(_sources, 0);
        ulong number = header.Extent.FirstEvent;
        for (; !events.IsEmpty; number++)
        {
            ulong count = decoder.State.Count;
            ulong exit = decoder.State.Exit;
            if (decoder.TryRead(events, out StreamEvent one, out _, out int consumed) != ReadStatus.Read)
            {
                Damage(here with { EventNumber = number }, "These bytes are not an event.");
                return false;
            }
            events = events[consumed..];
            if (one.Position < (one.Place == PlaceKind.Count ? count : exit))
                Damage(here with { EventNumber = number }, "The event is at a point before that of an event before it.");
            if (number == header.Extent.FirstEvent
                && (decoder.State.Count != header.Extent.FirstCount || decoder.State.Exit != header.Extent.FirstExit))
                Damage(here, "The block's first event is at another point than the header says.");
            CheckConstraints(decoder.Constraints, number, here);
            Events++;
        }
        if (number - header.Extent.FirstEvent != (ulong)header.EventCount)
            Damage(here, $"The block has {number - header.Extent.FirstEvent} events; its header says {header.EventCount}.");
        if (decoder.State.Count != header.Extent.LastCount || decoder.State.Exit != header.Extent.LastExit)
            Damage(here, "The block's last event is at another point than the header says.");
        _state = decoder.State;
        _isStateKnown = true;
        MoveTo(number, header.Extent.StreamOffset + header.EventBytes);
        return true;
    }

    private void CheckConstraints(ReadOnlySpan<OrderingConstraint> constraints, ulong number, LogProblem here)
    {
        foreach (OrderingConstraint constraint in constraints)
        {
            Constraints++;
            ulong source = constraint.EventNumber;
            if (constraint.Agent == stream)
                Damage(here with { EventNumber = number }, "The event has a constraint on its own agent.");
            else if (source == 0 || source < _sources[constraint.Agent])
                Damage(here with { EventNumber = number }, $"The event's constraint on agent {constraint.Agent} does not grow: "
                    + $"event {source} after {_sources[constraint.Agent]}.");
            else if (source > Latest[constraint.Agent].EventNumber)
                Latest[constraint.Agent] = (source, number, here);
            _sources[constraint.Agent] = source;
        }
    }

    private void MoveTo(ulong nextEvent, long offset)
    {
        _nextEvent = nextEvent;
        _offset = offset;
        _isKnown = true;
    }

    private void Damage(LogProblem here, string message) =>
        problems.AddDamage(here with { Message = message }, here.Sequence);

    private static bool IsSame(in StreamState one, in StreamState other) =>
        one.Count == other.Count && one.Exit == other.Exit && one.HasPlace == other.HasPlace
        && (!one.HasPlace || one.Place == other.Place) && one.Frame == other.Frame && one.Code == other.Code
        && one.Value == other.Value && one.Sources.AsSpan().SequenceEqual(other.Sources);
}

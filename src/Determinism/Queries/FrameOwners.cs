using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.Queries;

/// <summary>What each agent may do with one frame, event by event.</summary>
internal sealed class FrameOwners
{
    private readonly ulong _frame;
    private readonly ulong _baton;
    private readonly AccessRight[] _own;
    private readonly AccessRight[] _promised;

    // Who has the baton alone has every frame; without it, nobody has any (docs/decisions/014-turns.md).
    private readonly AccessRight[] _batons;

    /// <param name="header">The log's header.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="from">The checkpoint that it begins at; the machine as it was loaded if null.</param>
    public FrameOwners(LogHeader header, ulong frame, Checkpoint? from)
    {
        int agents = header.Shape.AgentCount;
        _frame = frame;
        _baton = header.Shape.BatonFrame;
        _own = new AccessRight[agents];
        _promised = new AccessRight[agents];
        _batons = new AccessRight[agents];
        for (int agent = 0; agent < agents; agent++)
        {
            _promised[agent] = PromiseTo(agent, header);
            // Everybody shares the machine from the start, without an event; a checkpoint has all rights.
            if (from is null)
                _batons[agent] = header.Scope == OwnershipScope.Frames ? AccessRight.Read : AccessRight.None;
            else
                Take(agent, from.Content.Agents[agent].Rights);
        }
    }

    /// <summary>What an agent may do with it.</summary>
    public AccessRight this[int agent]
    {
        get
        {
            AccessRight baton = _batons[agent];
            if (baton != AccessRight.Read || _frame == _baton)
                return baton;
            return _own[agent] != AccessRight.None ? _own[agent] : _promised[agent];
        }
    }

    /// <summary>Whether an event says anything about the frame.</summary>
    public bool Concerns(in StreamEvent one) =>
        one.Kind is EventKind.Elevation or EventKind.Reduction && (one.Frame == _frame || one.Frame == _baton);

    /// <summary>An event of an agent that concerns it.</summary>
    /// <returns>What the agent could do before.</returns>
    public AccessRight Pass(int agent, in StreamEvent one)
    {
        AccessRight before = this[agent];
        Set(agent, one.Frame, one.NewRight);
        return before;
    }

    public AccessRight[] ToArray() => [.. Enumerable.Range(0, _own.Length).Select(agent => this[agent])];

    private AccessRight PromiseTo(int agent, LogHeader header) =>
        header.Promises.Cover(agent, new FrameRequest(_frame, AccessRight.ReadWrite)) ? AccessRight.ReadWrite
        : header.Promises.Cover(agent, new FrameRequest(_frame, AccessRight.Read)) ? AccessRight.Read
        : AccessRight.None;

    private void Take(int agent, FrameRequest[] rights)
    {
        foreach (FrameRequest held in rights)
        {
            if (held.Frame == _frame || held.Frame == _baton)
                Set(agent, held.Frame, held.Right);
        }
    }

    private void Set(int agent, ulong frame, AccessRight right)
    {
        if (frame == _baton)
            _batons[agent] = right;
        else
            _own[agent] = right;
    }
}

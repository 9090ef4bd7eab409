using Determinism.Log;
using Determinism.Ownership;
using Determinism.Tests.Oracle;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Ownership;

/// <summary>Sees what a tracker decides: rights, events, and the accesses that the rights allow.</summary>
internal sealed class TrackerObserver(int agentCount, CausalOrder order)
{
    private readonly Dictionary<(int Agent, ulong Frame), AccessRight> _applied = [];
    private readonly List<DecodedEvent>[] _streams = [.. Enumerable.Range(0, agentCount).Select(_ => new List<DecodedEvent>())];

    public List<TracedAccess> Accesses { get; } = [];

    public string Violation { get; private set; } = "";

    public Action<int>? Kicked { get; set; }

    public DecodedEvent[][] Streams => [.. _streams.Select(stream => stream.ToArray())];

    public AccessRight Applied(int agent, ulong frame) => _applied.GetValueOrDefault((agent, frame));

    public void Apply(int agent, ulong frame, AccessRight right)
    {
        _applied[(agent, frame)] = right;
        foreach (((int other, ulong where), AccessRight held) in _applied)
        {
            if (where == frame && other != agent && right != AccessRight.None && held != AccessRight.None
                && (right == AccessRight.ReadWrite || held == AccessRight.ReadWrite))
                Violation = $"agent {agent} got {right} of frame {frame} while agent {other} had {held}";
        }
    }

    /// <summary>The agent does what its right lets it do.</summary>
    public void Access(int agent, ulong frame, AccessRight right) => Accesses.Add(
        new TracedAccess(agent, (ulong)_streams[agent].Count, frame, right == AccessRight.ReadWrite));

    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight)
    {
        // As late as it could: everything until now must come before whoever gets the frame.
        Access(agent, frame, oldRight);
        Add(agent, frame, EventKind.Reduction, oldRight, newRight, []);
    }

    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        OrderingConstraint[] constraints)
    {
        Add(agent, frame, EventKind.Elevation, oldRight, newRight, constraints);
        Access(agent, frame, newRight);
    }

    private void Add(int agent, ulong frame, EventKind kind, AccessRight oldRight, AccessRight newRight,
        OrderingConstraint[] constraints)
    {
        _streams[agent].Add(new DecodedEvent(
            new StreamEvent { Kind = kind, Frame = frame, OldRight = oldRight, NewRight = newRight }, constraints, []));
        order.Complete(agent);
    }
}

internal readonly struct ObservingSink(TrackerObserver observer) : IOwnershipSink
{
    public void Apply(int agent, ulong frame, AccessRight right) => observer.Apply(agent, frame, right);

    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight) =>
        observer.Reduced(agent, frame, oldRight, newRight);

    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints) =>
        observer.Elevated(agent, frame, oldRight, newRight, constraints.ToArray());

    public void Kick(int agent) => observer.Kicked?.Invoke(agent);

    public void Stolen(ulong frame, int winner, int loser)
    {
    }
}

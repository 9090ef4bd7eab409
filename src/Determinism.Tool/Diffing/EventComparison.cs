using Determinism.Log;
using Determinism.Queries;

namespace Determinism.Tool.Diffing;

/// <summary>Finds where the streams of two logs differ first, by the meaning of events.</summary>
/// <remarks>
/// The first log is walked in an order that keeps its constraints, the second one beside it. What differs on that walk has only
/// equal causes. A stream that differs stops there; streams that then wait for it for ever are compared on their own at the
/// end: they differ after, and perhaps because of, another difference.
/// </remarks>
internal sealed class EventComparison
{
    private readonly List<EventDifference> _differences = [];
    private readonly CausalWalk _walk;
    private readonly EventCursor[] _others;
    private readonly long _dropped;

    private EventComparison(FileEventLogReader first, FileEventLogReader second)
    {
        _walk = new CausalWalk(first);
        _others = [.. Enumerable.Range(0, second.StreamCount).Select(second.OpenStream)];
        _dropped = _others.Sum(static cursor => (long)cursor.Consumed);
    }

    /// <summary>Events that are equal, up to the first difference of each stream.</summary>
    public long EqualEvents => _others.Sum(static cursor => (long)cursor.Consumed) - _dropped;

    /// <summary>The first difference of each stream that has one; those with equal causes first, in causal order.</summary>
    public IReadOnlyList<EventDifference> Differences => _differences;

    /// <param name="first">A log.</param>
    /// <param name="second">A log with as many streams.</param>
    /// <param name="progress">Told the bytes of the first one.</param>
    public static EventComparison Of(FileEventLogReader first, FileEventLogReader second, Progress progress)
    {
        var comparison = new EventComparison(first, second);
        comparison.CompareInCausalOrder(progress);
        comparison.CompareWhatIsLeft();
        return comparison;
    }

    private void CompareInCausalOrder(Progress progress)
    {
        while (_walk.MoveToNext())
        {
            progress.Add(_walk.EventBytes);
            EventCursor other = _others[_walk.Current.Stream];
            if (other.MoveToNext() && EventFields.AreEqual(_walk.Current, other))
            {
                other.Consume();
                continue;
            }
            _differences.Add(Describe(_walk.Current, other, areCausesEqual: true));
            _walk.Exclude();
        }
    }

    private void CompareWhatIsLeft()
    {
        ulong[] equal = [.. _others.Select(static cursor => cursor.Consumed)];
        var later = new List<EventDifference>();
        foreach (EventCursor other in _others)
        {
            if (_differences.Exists(known => known.Agent == other.Stream))
                continue;
            EventCursor one = _walk.CursorOf(other.Stream);
            while (one.MoveToNext() & other.MoveToNext() && EventFields.AreEqual(one, other))
            {
                one.Consume();
                other.Consume();
            }
            if (!one.MoveToNext() && !other.MoveToNext())
                continue;
            // Only the second log has it, and all that it says comes before it is equal.
            bool areCausesEqual = !one.MoveToNext() && other.Consumed == equal[other.Stream] && AreWithin(other, equal);
            (areCausesEqual ? _differences : later).Add(Describe(one, other, areCausesEqual));
        }
        _differences.AddRange(later);
    }

    private static bool AreWithin(EventCursor cursor, ulong[] equal)
    {
        foreach (OrderingConstraint constraint in cursor.Constraints)
        {
            if (constraint.EventNumber > equal[constraint.Agent])
                return false;
        }
        return true;
    }

    private static EventDifference Describe(EventCursor one, EventCursor other, bool areCausesEqual) =>
        new(one.Stream, other.Consumed + 1,
            one.MoveToNext() && other.MoveToNext() ? EventFields.FindDifferent(one, other) : [EventFields.Existence],
            areCausesEqual);
}

using System.Globalization;

namespace Determinism.Checkpoints;

/// <summary>Where one agent stands in a <see cref="Cut"/>: at a place of its stream, with all that happened there up to an
/// event.</summary>
/// <param name="Events">Number of its last event; 0 if there was none.</param>
/// <param name="Place">How its place is named: <see cref="PlaceKind.Count"/> or <see cref="PlaceKind.Exit"/>. It may lie after
/// the last event's.</param>
/// <param name="Position">The clock's count, or the ordinal of the synchronous exit.</param>
public readonly record struct AgentPosition(ulong Events, PlaceKind Place, ulong Position)
{
    /// <summary>As far as an agent comes without another event: where it would have it, with nothing of it done.</summary>
    internal static AgentPosition BeforeNext(ulong events) => new(events, PlaceKind.Count, ulong.MaxValue);

    internal bool IsBeforeNext => Place == PlaceKind.Count && Position == ulong.MaxValue;

    /// <inheritdoc />
    public override string ToString() => IsBeforeNext ? $"before event {Events + 1}" : string.Format(CultureInfo.InvariantCulture, "event {0} at {1} {2}",
        Events, Place == PlaceKind.Exit ? "exit" : "count", Position);

    /// <summary>Whether an agent that stands here comes to another position, or is there. False also where that cannot be told:
    /// between two events, a count and an exit have no order of their own.</summary>
    internal bool IsWithin(AgentPosition later) => Events < later.Events
        || (Events == later.Events && later.IsBeforeNext)
        || (Events == later.Events && Place == later.Place && Position <= later.Position);

    /// <summary>Whether an agent that stands here cannot have been at another position before.</summary>
    internal bool IsBefore(AgentPosition earlier) => Events < earlier.Events
        || (Events == earlier.Events && Place == earlier.Place && Position < earlier.Position);
}

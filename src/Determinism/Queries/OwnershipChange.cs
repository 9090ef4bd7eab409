namespace Determinism.Queries;

/// <summary>What an agent may do with a frame became something else.</summary>
/// <param name="Event">The event that says so.</param>
/// <param name="Place">How its place is named: <see cref="PlaceKind.Count"/> or <see cref="PlaceKind.Exit"/>.</param>
/// <param name="Position">The clock's count, or the ordinal of the exit.</param>
/// <param name="OldRight">The right before.</param>
/// <param name="NewRight">The right from then on.</param>
/// <param name="IsWholeMachine">Whether the event is not about this frame, but about all of them at once: the agent was given the
/// machine alone, or it was taken from it.</param>
public readonly record struct OwnershipChange(
    EventReference Event, PlaceKind Place, ulong Position, AccessRight OldRight, AccessRight NewRight, bool IsWholeMachine);

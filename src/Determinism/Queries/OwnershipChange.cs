namespace Determinism.Queries;

/// <summary>An agent's right to a frame became another.</summary>
/// <param name="Event">The event that says so.</param>
/// <param name="Place">How its place is named.</param>
/// <param name="Position">The clock's count, or the ordinal of the exit.</param>
/// <param name="OldRight">The right before.</param>
/// <param name="NewRight">The right from then on.</param>
public readonly record struct OwnershipChange(
    EventReference Event, PlaceKind Place, ulong Position, AccessRight OldRight, AccessRight NewRight);

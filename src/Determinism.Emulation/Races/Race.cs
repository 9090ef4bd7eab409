namespace Determinism.Emulation.Races;

/// <summary>Two accesses to the same bytes by different agents, one of them a plain write, that no synchronisation
/// orders.</summary>
/// <param name="First">The access that came first in the recording, the first time that the pair was found.</param>
/// <param name="Second">The other.</param>
/// <param name="Address">The first byte that they had in common.</param>
/// <param name="Size">How many bytes in a row.</param>
/// <param name="Variable">The address by symbol, or as a part of a stack or of the heap.</param>
/// <param name="Count">How often the same two places of the program raced, in either order, on any bytes.</param>
public sealed record Race(RaceAccess First, RaceAccess Second, ulong Address, int Size, string Variable, long Count);

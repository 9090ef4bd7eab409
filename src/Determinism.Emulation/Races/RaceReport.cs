namespace Determinism.Emulation.Races;

/// <summary>What an analysis of a recording found.</summary>
/// <param name="Races">Each pair of places once, in the order in which they were found.</param>
/// <param name="Accesses">How many accesses to data were looked at; those to control pages are not.</param>
/// <param name="Synchronisations">How many operations were seen that order accesses: locked operations, release stores,
/// starts, interrupts, requests to devices.</param>
/// <param name="ReleaseStores">How many release stores the program's file tells of. Where it is none, programs that release by
/// plain stores are reported for it.</param>
public sealed record RaceReport(IReadOnlyList<Race> Races, long Accesses, long Synchronisations, int ReleaseStores);

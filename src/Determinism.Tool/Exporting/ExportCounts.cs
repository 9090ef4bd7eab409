namespace Determinism.Tool.Exporting;

/// <summary>What an export wrote.</summary>
/// <param name="Lanes">Agents.</param>
/// <param name="Slices">Places where agents had events.</param>
/// <param name="Events">Events.</param>
/// <param name="Flows">Constraints.</param>
/// <param name="Dropped">Events left out: the log was cut short, and their causes are lost.</param>
internal readonly record struct ExportCounts(int Lanes, long Slices, long Events, long Flows, ulong Dropped);

namespace Determinism;

/// <summary>A position in one stream of a log: everything before it.</summary>
/// <param name="Stream">The stream, numbered as its agent.</param>
/// <param name="Offset">Bytes of that stream.</param>
public readonly record struct LogPosition(int Stream, long Offset);

namespace Determinism.Log;

/// <summary>Where a stream stands when a segment begins.</summary>
/// <param name="NextEvent">Number of its next event.</param>
/// <param name="Offset">Bytes of events before.</param>
/// <param name="Count">The clock's count in force.</param>
/// <param name="Exit">The exit in force.</param>
internal readonly record struct StreamStart(ulong NextEvent, long Offset, ulong Count, ulong Exit);

namespace Determinism.FlightRecording;

/// <summary>A whole checkpoint and what comes after it, up to the next: it needs nothing before it, and is dropped as a
/// whole.</summary>
/// <param name="Checkpoint">The checkpoint's number.</param>
/// <param name="Segment">Number of the segment that begins with it.</param>
/// <param name="Events">Of each agent, the events before it.</param>
/// <param name="Written">Bytes of the log before it, dropped ones included.</param>
/// <param name="Bytes">Its own bytes, before compression.</param>
/// <param name="Timestamp">When it was made.</param>
internal sealed record FlightGroup(int Checkpoint, int Segment, ulong[] Events, long Written, long Bytes, long Timestamp);

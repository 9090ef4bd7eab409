namespace Determinism.Log;

/// <summary>What is left of a stream.</summary>
/// <param name="Events">Events kept.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="DroppedEvents">Events known to have been after them, as far as anything tells.</param>
public readonly record struct StreamCut(ulong Events, long Bytes, ulong DroppedEvents);

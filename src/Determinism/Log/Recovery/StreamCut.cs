namespace Determinism.Log;

/// <summary>What is left of a stream.</summary>
/// <param name="Events">Events kept.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="DroppedEvents">Events after them that are there, but whose causes are not.</param>
public readonly record struct StreamCut(ulong Events, long Bytes, ulong DroppedEvents);

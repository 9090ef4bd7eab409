namespace Determinism.Log;

/// <summary>What was taken out of a log.</summary>
/// <param name="States">Number of register states.</param>
/// <param name="Payloads">Number of inputs.</param>
/// <param name="PayloadBytes">Bytes of those that had bytes.</param>
/// <param name="Lines">What the copy says of it, a line each.</param>
public sealed record LogRedactionResult(long States, long Payloads, long PayloadBytes, IReadOnlyList<string> Lines);

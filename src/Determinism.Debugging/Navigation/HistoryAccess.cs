namespace Determinism.Debugging;

/// <summary>An access to memory.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Size">Its bytes, at least 1.</param>
/// <param name="IsWrite">Whether it may have written; otherwise it has only read.</param>
public readonly record struct HistoryAccess(ulong Address, ulong Size, bool IsWrite);

namespace Determinism.Debugging;

/// <summary>An access to memory.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Size">Its bytes, at least 1.</param>
/// <param name="IsRead">Whether it has read.</param>
/// <param name="IsWrite">Whether it may have written.</param>
public readonly record struct HistoryAccess(ulong Address, ulong Size, bool IsRead, bool IsWrite);

namespace Determinism;

/// <summary>One access to guest-physical memory: which bytes, and the right that it needs.</summary>
/// <param name="Address">Guest-physical address of the first byte.</param>
/// <param name="Size">Number of bytes, at least 1; the access may cross frames.</param>
/// <param name="Right">The least right that lets it through: <see cref="AccessRight.Read"/> for loads and
/// instruction fetches, <see cref="AccessRight.ReadWrite"/> for stores and read-modify-writes, a failed
/// compare-exchange included.</param>
public readonly record struct MemoryAccess(ulong Address, uint Size, AccessRight Right);

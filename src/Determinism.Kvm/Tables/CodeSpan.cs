namespace Determinism.Kvm.Tables;

/// <summary>Whole pages of code.</summary>
/// <param name="Address">The first byte.</param>
/// <param name="Bytes">How many; a multiple of 4096.</param>
internal readonly record struct CodeSpan(ulong Address, ulong Bytes);

namespace Determinism.Machine;

/// <summary>A named place in a program.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it begins.</param>
/// <param name="Bytes">How long it is; 0 if that is not known.</param>
/// <param name="IsFunction">Whether it is code.</param>
public sealed record ElfSymbol(string Name, ulong Address, ulong Bytes, bool IsFunction);

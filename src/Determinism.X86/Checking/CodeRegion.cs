namespace Determinism.X86;

/// <summary>A run of code bytes and where it lies.</summary>
/// <param name="Address">The address of the first byte.</param>
/// <param name="Bytes">The bytes; read during a check only.</param>
public readonly record struct CodeRegion(ulong Address, ReadOnlyMemory<byte> Bytes);

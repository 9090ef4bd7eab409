namespace Determinism.X86;

/// <summary>A run of code bytes and where it lies.</summary>
/// <param name="Address">The address of the first byte.</param>
/// <param name="Bytes">The bytes; read during a check only.</param>
/// <param name="IsPatched">Whether the caller will replace every RDTSC and CPUID that is found here by a service of the same
/// length: then they are listed, not refused.</param>
public readonly record struct CodeRegion(ulong Address, ReadOnlyMemory<byte> Bytes, bool IsPatched = false);

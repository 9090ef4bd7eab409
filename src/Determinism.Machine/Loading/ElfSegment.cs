namespace Determinism.Machine;

/// <summary>A part of a program that is loaded.</summary>
/// <param name="Address">Where to.</param>
/// <param name="MemoryBytes">Its size in memory; what the file does not hold is zero.</param>
/// <param name="FileOffset">Where it stands in the file.</param>
/// <param name="FileBytes">Its size in the file.</param>
/// <param name="IsExecutable">Whether it holds code.</param>
/// <param name="IsWritable">Whether the program writes it.</param>
public sealed record ElfSegment(
    ulong Address, ulong MemoryBytes, int FileOffset, int FileBytes, bool IsExecutable, bool IsWritable);

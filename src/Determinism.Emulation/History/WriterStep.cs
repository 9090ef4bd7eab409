namespace Determinism.Emulation.History;

/// <summary>A step of a recording that wrote to memory.</summary>
/// <param name="Position">The position before it.</param>
/// <param name="Thread">Its thread.</param>
/// <param name="Address">Address of its instruction.</param>
/// <param name="Content">What stood in the watched bytes after it.</param>
public readonly record struct WriterStep(ulong Position, int Thread, ulong Address, ReadOnlyMemory<byte> Content);

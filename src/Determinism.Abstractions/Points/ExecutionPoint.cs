using System.Globalization;

namespace Determinism;

/// <summary>Where a vCPU is in its own instruction stream, exactly (law L7).</summary>
/// <remarks>
/// The registers are opaque words to the core, which knows no instruction set. An agent that is not a vCPU has the
/// ordinal of its operation as count and zero words.
/// </remarks>
/// <param name="Count">The clock's count.</param>
/// <param name="InstructionPointer">Address of the next instruction.</param>
/// <param name="StackPointer">The stack pointer.</param>
/// <param name="StringCounter">The counter of repeated string instructions, which tells their iterations apart.</param>
public readonly record struct ExecutionPoint(
    ulong Count, ulong InstructionPointer, ulong StackPointer, ulong StringCounter)
{
    /// <inheritdoc />
    public override string ToString() => string.Format(
        CultureInfo.InvariantCulture, "count {0}, ip 0x{1:X}, sp 0x{2:X}, cx 0x{3:X}",
        Count, InstructionPointer, StackPointer, StringCounter);
}

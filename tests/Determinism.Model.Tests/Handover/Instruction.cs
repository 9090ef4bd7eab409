namespace Determinism.Model.Tests.Handover;

/// <summary>What one instruction touches.</summary>
internal enum Instruction : byte
{
    /// <summary>Nothing: only a poll.</summary>
    None,
    Read0,
    Write0,
    Read1,
    Write1,
    Read0Read1,
    Read0Write1,
    Write0Read1,
    Write0Write1,

    /// <summary>Frame 1 says that frame 0 is needed too: a lower frame is found later.</summary>
    Walk1Then0,

    /// <summary>Frame 0 says that frame 1 is needed too.</summary>
    Walk0Then1,

    /// <summary>Waits in the host, parked at a named point, for as long as it takes.</summary>
    Halt,
}

internal static class InstructionFacts
{
    public static bool Walks(this Instruction instruction) => instruction is Instruction.Walk1Then0 or Instruction.Walk0Then1;

    /// <summary>The right that the instruction needs on a frame, as far as is known.</summary>
    public static Right Need(this Instruction instruction, bool discovered, int frame) => (instruction, frame) switch
    {
        (Instruction.Read0 or Instruction.Read0Read1 or Instruction.Read0Write1, 0) => Right.Read,
        (Instruction.Write0 or Instruction.Write0Read1 or Instruction.Write0Write1, 0) => Right.ReadWrite,
        (Instruction.Read1 or Instruction.Read0Read1 or Instruction.Write0Read1, 1) => Right.Read,
        (Instruction.Write1 or Instruction.Read0Write1 or Instruction.Write0Write1, 1) => Right.ReadWrite,
        (Instruction.Walk1Then0, 1) or (Instruction.Walk0Then1, 0) => Right.ReadWrite,
        (Instruction.Walk1Then0, 0) or (Instruction.Walk0Then1, 1) => discovered ? Right.ReadWrite : Right.None,
        _ => Right.None,
    };
}

namespace Determinism.X86;

/// <summary>An instruction to be replaced by one of the same length, because what it tells is the host's.</summary>
/// <param name="Kind">Which instruction it is.</param>
/// <param name="Address">Where; its two bytes make room for an <c>OUT imm8, AL</c>.</param>
public readonly record struct CodePatch(CodePatchKind Kind, ulong Address)
{
    /// <summary>Bytes of the instruction and of what replaces it.</summary>
    public const int Bytes = 2;
}

namespace Determinism.X86;

/// <summary>What a check of a guest's code found.</summary>
/// <param name="Refusals">The reasons to refuse it, by ascending address; none if it may run.</param>
/// <param name="InstructionCount">Number of instructions that can be reached and were checked.</param>
/// <param name="PollCount">Number of polls among them; 0 where the rules do not ask for polls.</param>
/// <param name="Patches">The instructions among them that the caller must replace before the code runs.</param>
public sealed record GuestCodeReport(
    IReadOnlyList<CodeRefusal> Refusals, int InstructionCount, int PollCount, IReadOnlyList<CodePatch> Patches)
{
    /// <summary>Whether the code may run.</summary>
    public bool IsAccepted => Refusals.Count == 0;
}

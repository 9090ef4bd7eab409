namespace Determinism.Litmus;

/// <summary>The code of one thread.</summary>
/// <param name="Instructions">In program order.</param>
/// <param name="Labels">The index of the instruction that each label stands before; one more than the last for the end.</param>
public sealed record LitmusThread(IReadOnlyList<LitmusInstruction> Instructions, IReadOnlyDictionary<string, int> Labels)
{
    /// <summary>The index that a jump leads to.</summary>
    /// <param name="jump">The jump.</param>
    public int TargetOf(LitmusInstruction jump)
    {
        ArgumentNullException.ThrowIfNull(jump);
        return Labels[((LabelOperand)jump.Operands[0]).Name];
    }
}

namespace Determinism.Litmus;

/// <summary>Before which instructions of a thread flags are live, so that no poll may stand there.</summary>
internal static class LiveFlags
{
    /// <summary>One value for each instruction.</summary>
    public static bool[] Before(LitmusThread thread)
    {
        IReadOnlyList<LitmusInstruction> code = thread.Instructions;
        var live = new bool[code.Count + 1];
        for (bool hasChanged = true; hasChanged;)
        {
            hasChanged = false;
            for (int index = code.Count - 1; index >= 0; index--)
            {
                LitmusInstruction one = code[index];
                bool after = (one.Operation != Operation.Jmp && live[index + 1])
                    || (one.Operation is Operation.Jmp or Operation.Jcc && live[thread.TargetOf(one)]);
                bool before = Reads(one.Operation) || (after && !Replaces(one.Operation));
                hasChanged |= before != live[index];
                live[index] = before;
            }
        }
        return live;
    }

    private static bool Reads(Operation operation) => operation is Operation.Jcc or Operation.Cmovcc or Operation.Setcc;

    // All of them: INC and DEC keep one, a shift may keep all.
    private static bool Replaces(Operation operation) => operation is Operation.Add or Operation.Sub or Operation.And
        or Operation.Or or Operation.Xor or Operation.Cmp or Operation.Test or Operation.Neg or Operation.Xadd
        or Operation.Cmpxchg;
}

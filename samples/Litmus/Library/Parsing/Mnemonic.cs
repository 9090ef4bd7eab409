namespace Determinism.Litmus;

/// <summary>What a mnemonic says, with or without a suffix for the size.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Bytes">The size that the suffix states; 0 for none.</param>
/// <param name="SourceBytes">The size of an extension's source; 0 for none.</param>
/// <param name="Condition">Of a conditional instruction.</param>
internal readonly record struct Mnemonic(Operation Operation, int Bytes, int SourceBytes, FlagCondition Condition)
{
    private static readonly Dictionary<string, Operation> s_plain = new()
    {
        ["mov"] = Operation.Mov, ["movabs"] = Operation.Mov, ["movzx"] = Operation.Movzx, ["movsx"] = Operation.Movsx,
        ["movsxd"] = Operation.Movsx, ["lea"] = Operation.Lea, ["xchg"] = Operation.Xchg, ["xadd"] = Operation.Xadd,
        ["cmpxchg"] = Operation.Cmpxchg, ["add"] = Operation.Add, ["sub"] = Operation.Sub, ["and"] = Operation.And,
        ["or"] = Operation.Or, ["xor"] = Operation.Xor, ["cmp"] = Operation.Cmp, ["test"] = Operation.Test,
        ["inc"] = Operation.Inc, ["dec"] = Operation.Dec, ["neg"] = Operation.Neg, ["not"] = Operation.Not,
        ["shl"] = Operation.Shl, ["sal"] = Operation.Shl, ["shr"] = Operation.Shr, ["sar"] = Operation.Sar,
        ["mfence"] = Operation.Mfence, ["lfence"] = Operation.Lfence, ["sfence"] = Operation.Sfence,
        ["nop"] = Operation.Nop, ["pause"] = Operation.Pause, ["jmp"] = Operation.Jmp,
    };

    private static readonly Dictionary<string, FlagCondition> s_conditions = MakeConditions();

    /// <summary>Finds a mnemonic, whole or without its last letter.</summary>
    public static bool TryFind(string text, out Mnemonic mnemonic)
    {
        string name = text.ToLowerInvariant();
        if (TryFindWhole(name, out mnemonic) || TryFindExtension(name, out mnemonic))
            return true;
        int bytes = name.Length > 1 ? BytesOf(name[^1]) : 0;
        if (bytes == 0 || !TryFindWhole(name[..^1], out mnemonic))
            return false;
        mnemonic = mnemonic with { Bytes = bytes };
        return true;
    }

    private static bool TryFindWhole(string name, out Mnemonic mnemonic)
    {
        mnemonic = default;
        if (s_plain.TryGetValue(name, out Operation plain))
            mnemonic = new Mnemonic(plain, 0, 0, default);
        else if (TryFindConditional(name, "cmov", Operation.Cmovcc, out mnemonic)
            || TryFindConditional(name, "set", Operation.Setcc, out mnemonic)
            || TryFindConditional(name, "j", Operation.Jcc, out mnemonic))
            return true;
        else
            return false;
        return true;
    }

    private static bool TryFindConditional(string name, string start, Operation operation, out Mnemonic mnemonic)
    {
        bool isFound = name.StartsWith(start, StringComparison.Ordinal)
            & s_conditions.TryGetValue(name[Math.Min(start.Length, name.Length)..], out FlagCondition condition);
        mnemonic = new Mnemonic(operation, operation == Operation.Setcc ? 1 : 0, 0, condition);
        return isFound;
    }

    // AT&T: movzbl, movslq and the like have both sizes in their names.
    private static bool TryFindExtension(string name, out Mnemonic mnemonic)
    {
        mnemonic = default;
        if (name.Length != 6 || !name.StartsWith("mov", StringComparison.Ordinal) || name[3] is not ('z' or 's'))
            return false;
        int source = BytesOf(name[4]), target = BytesOf(name[5]);
        if (source == 0 || target <= source)
            return false;
        mnemonic = new Mnemonic(name[3] == 'z' ? Operation.Movzx : Operation.Movsx, target, source, default);
        return true;
    }

    private static int BytesOf(char suffix) => suffix switch { 'b' => 1, 'w' => 2, 'l' => 4, 'q' => 8, _ => 0 };

    private static Dictionary<string, FlagCondition> MakeConditions()
    {
        var conditions = new Dictionary<string, FlagCondition>
        {
            ["z"] = FlagCondition.E, ["nz"] = FlagCondition.Ne, ["c"] = FlagCondition.B, ["nc"] = FlagCondition.Ae,
            ["nae"] = FlagCondition.B, ["nb"] = FlagCondition.Ae, ["na"] = FlagCondition.Be, ["nbe"] = FlagCondition.A,
            ["nge"] = FlagCondition.L, ["nl"] = FlagCondition.Ge, ["ng"] = FlagCondition.Le, ["nle"] = FlagCondition.G,
            ["pe"] = FlagCondition.P, ["po"] = FlagCondition.Np,
        };
        foreach (FlagCondition condition in Enum.GetValues<FlagCondition>())
            conditions.Add(condition.ToString().ToLowerInvariant(), condition);
        return conditions;
    }
}

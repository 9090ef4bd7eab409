namespace Determinism.Guests.Build.Polls;

/// <summary>Which status flags an instruction reads, and which it surely replaces.</summary>
/// <param name="Reads">Flags on which the instruction depends.</param>
/// <param name="Writes">
/// Flags that have a new, defined value afterwards whatever they were before. A flag that the instruction
/// leaves undefined, or writes only for some operands, is not in here: the proof errs to the safe side.
/// </param>
public readonly record struct FlagEffect(StatusFlags Reads, StatusFlags Writes)
{
    private static readonly Dictionary<string, FlagEffect> Table = CreateTable();

    private static readonly Dictionary<string, StatusFlags> Conditions = CreateConditions();

    private static readonly HashSet<string> Shifts = Sized("shl sal shr sar");

    private static readonly string[] Comparisons = ["eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord", ""];

    /// <summary>Looks an instruction up. Calls and returns are the caller's business.</summary>
    /// <returns>False for an instruction that is not known here.</returns>
    public static bool TryGet(in AssemblerStatement instruction, out FlagEffect effect)
    {
        var name = instruction.Name;
        if (Table.TryGetValue(name, out effect))
            return true;
        if (Shifts.Contains(name))
        {
            effect = Shift(instruction.Operands);
            return true;
        }
        if (TryGetCondition(name, out var flags))
        {
            effect = new(flags, StatusFlags.None);
            return true;
        }
        effect = default;
        return name.StartsWith("mov", StringComparison.Ordinal)
            || name.StartsWith("cvt", StringComparison.Ordinal)
            || IsVectorComparison(name);
    }

    /// <summary>Whether the name is that of a conditional jump, and which flags it tests.</summary>
    public static bool TryGetJumpCondition(string name, out StatusFlags flags)
    {
        flags = StatusFlags.None;
        return name.Length > 1 && name[0] == 'j' && Conditions.TryGetValue(name[1..], out flags);
    }

    private static bool TryGetCondition(string name, out StatusFlags flags)
    {
        if (TryGetJumpCondition(name, out flags))
            return true;
        if (name.StartsWith("set", StringComparison.Ordinal))
            return Conditions.TryGetValue(name[3..], out flags);
        if (!name.StartsWith("cmov", StringComparison.Ordinal))
            return false;
        var condition = name[4..];
        return Conditions.TryGetValue(condition, out flags)
            || (condition.Length > 1 && condition[^1] is 'w' or 'l' or 'q' && Conditions.TryGetValue(condition[..^1], out flags));
    }

    private static bool IsVectorComparison(string name) =>
        name.StartsWith("cmp", StringComparison.Ordinal)
        && name.Length > 4
        && name[^2..] is "ss" or "sd" or "ps" or "pd"
        && Comparisons.Contains(name[3..^2]);

    // A shift by a register's count may be a shift by nothing, which leaves all flags as they were; the overflow
    // flag is defined for shifts by one only. One operand: by one.
    private static FlagEffect Shift(string operands)
    {
        if (!operands.Contains(',', StringComparison.Ordinal) || operands.StartsWith("$1,", StringComparison.Ordinal))
            return new(StatusFlags.None, StatusFlags.All);
        var byNonzeroImmediate = operands[0] == '$' && operands[1] != '0';
        return byNonzeroImmediate ? new(StatusFlags.None, StatusFlags.All & ~StatusFlags.Overflow) : default;
    }

    private static HashSet<string> Sized(string names) =>
        [.. names.Split(' ').SelectMany(name => (string[])[name, name + "b", name + "w", name + "l", name + "q"])];

    private static Dictionary<string, FlagEffect> CreateTable()
    {
        var table = new Dictionary<string, FlagEffect>(StringComparer.Ordinal);
        void AnySize(string names, FlagEffect effect)
        {
            foreach (var name in Sized(names))
                table[name] = effect;
        }
        void Exact(string names, FlagEffect effect = default)
        {
            foreach (var name in names.Split(' '))
                table[name] = effect;
        }

        var all = new FlagEffect(StatusFlags.None, StatusFlags.All);
        AnySize("add sub cmp test and or xor neg xadd cmpxchg popcnt", all);
        AnySize("adc sbb", new(StatusFlags.Carry, StatusFlags.All));
        AnySize("inc dec", new(StatusFlags.None, StatusFlags.All & ~StatusFlags.Carry));
        AnySize("mul imul", new(StatusFlags.None, StatusFlags.Carry | StatusFlags.Overflow));
        AnySize("bt bts btr btc", new(StatusFlags.None, StatusFlags.Carry));
        AnySize("rcl rcr", new(StatusFlags.Carry, StatusFlags.None));
        AnySize("not div idiv rol ror shld shrd xchg lea push pop bswap nop bsf bsr lzcnt tzcnt stos lods out", default);
        AnySize("prefetcht0 prefetcht1 prefetcht2 prefetchnta", default);
        Exact("ucomisd ucomiss comisd comiss", all);
        Exact("cmpxchg8b cmpxchg16b", new(StatusFlags.None, StatusFlags.Zero));
        Exact("lahf", new(StatusFlags.All & ~StatusFlags.Overflow, StatusFlags.None));
        Exact("sahf", new(StatusFlags.None, StatusFlags.All & ~StatusFlags.Overflow));
        Exact("stc clc", new(StatusFlags.None, StatusFlags.Carry));
        Exact("cmc", new(StatusFlags.Carry, StatusFlags.Carry));
        Exact("cltq cqto cltd cwtl cwtd cbtw cqo cdq cdqe cwd cwde cbw pause mfence lfence sfence cld");

        foreach (var kind in (string[])["ss", "sd", "ps", "pd"])
            foreach (var name in "add sub mul div sqrt min max and andn or xor unpckl unpckh shuf".Split(' '))
                table[name + kind] = default;
        foreach (var kind in (string[])["b", "w", "d", "q"])
            foreach (var name in "padd psub pcmpeq pcmpgt psll psrl psra".Split(' '))
                table[name + kind] = default;
        Exact("pand pandn por pxor pslldq psrldq pshufd pshuflw pshufhw pmuludq pmullw pmovmskb pextrw pinsrw");
        Exact("punpcklbw punpcklwd punpckldq punpcklqdq punpckhbw punpckhwd punpckhdq punpckhqdq");
        return table;
    }

    private static Dictionary<string, StatusFlags> CreateConditions()
    {
        var conditions = new Dictionary<string, StatusFlags>(StringComparer.Ordinal);
        void Add(string names, StatusFlags flags)
        {
            foreach (var name in names.Split(' '))
                conditions[name] = flags;
        }

        Add("o no", StatusFlags.Overflow);
        Add("b c nae ae nb nc", StatusFlags.Carry);
        Add("e z ne nz", StatusFlags.Zero);
        Add("be na a nbe", StatusFlags.Carry | StatusFlags.Zero);
        Add("s ns", StatusFlags.Sign);
        Add("p np pe po", StatusFlags.Parity);
        Add("l nge ge nl", StatusFlags.Sign | StatusFlags.Overflow);
        Add("le ng g nle", StatusFlags.Zero | StatusFlags.Sign | StatusFlags.Overflow);
        return conditions;
    }
}

namespace Determinism.Litmus.Tests.Model;

/// <summary>The enumerators against what the tests say of themselves.</summary>
public class VerdictTests
{
    /// <summary>Tests of one cycle: TSO allows it exactly if some write of it may wait for a later read.</summary>
    public static TheoryData<string> Cycles() => [.. s_cycles];

    /// <summary>Tests that name all outcomes there may be.</summary>
    public static TheoryData<string> Complete() => [.. s_complete];

    private static readonly string[] s_cycles = [.. Suite.Files
        .Where(static file => file.Test is { Quantifier: Quantifier.Exists, Condition: not NotCondition } test
            && test.Notes.ContainsKey("Orig"))
        .Select(static file => Path.GetRelativePath(Suite.Folder, file.Path))];

    private static readonly string[] s_complete = [.. Suite.Files
        .Where(static file => file.Test is { Condition: NotCondition } or { Quantifier: not Quantifier.Exists })
        .Select(static file => Path.GetRelativePath(Suite.Folder, file.Path))];

    [Theory]
    [MemberData(nameof(Cycles))]
    public void A_cycle_is_allowed_where_a_write_may_wait_for_a_later_read(string file)
    {
        LitmusTest test = Read(file);
        bool mayWait = test.Notes["Orig"].Split(' ').Contains("PodWR");
        Assert.Equal(Verdict.Never, VerdictOf(test, MemoryModel.SequentialConsistency));
        Assert.Equal(mayWait ? Verdict.Sometimes : Verdict.Never, VerdictOf(test, MemoryModel.TotalStoreOrder));
    }

    [Theory]
    [MemberData(nameof(Complete))]
    public void A_test_that_names_all_outcomes_is_right(string file)
    {
        LitmusTest test = Read(file);
        Verdict expected = test.Quantifier == Quantifier.ForAll ? Verdict.Always : Verdict.Never;
        Assert.Equal(expected, VerdictOf(test, MemoryModel.TotalStoreOrder));
        Assert.Equal(expected, VerdictOf(test, MemoryModel.SequentialConsistency));
    }

    [Fact]
    public void Every_test_has_a_verdict_of_its_own_or_one_of_these()
    {
        string[] others = [.. Suite.Files.Select(static file => Path.GetRelativePath(Suite.Folder, file.Path))
            .Except(s_cycles).Except(s_complete).Select(Path.GetFileNameWithoutExtension)
            .Order(StringComparer.Ordinal)!];
        Assert.Equal(["INC", "INC+split", "SB+lfences", "SIZES"], others);
        Assert.Equal(Verdict.Sometimes, VerdictOf(Suite.Find("INC+split"), MemoryModel.SequentialConsistency));
        Assert.Equal(Verdict.Sometimes, VerdictOf(Suite.Find("INC"), MemoryModel.SequentialConsistency));
        Assert.Equal(Verdict.Never, VerdictOf(Suite.Find("SB+lfences"), MemoryModel.SequentialConsistency));
        Assert.Equal(Verdict.Sometimes, VerdictOf(Suite.Find("SB+lfences"), MemoryModel.TotalStoreOrder));
        Assert.Equal(Verdict.Always, VerdictOf(Suite.Find("SIZES"), MemoryModel.TotalStoreOrder));
    }

    [Fact]
    public void Every_sequentially_consistent_outcome_is_one_of_TSO()
    {
        foreach (LitmusFile file in Suite.Files)
        {
            var variables = new VariableMap(file.Test!, VariableLayout.Page);
            Assert.Subset(
                OutcomeEnumerator.Enumerate(file.Test!, variables, MemoryModel.TotalStoreOrder).ToHashSet(),
                OutcomeEnumerator.Enumerate(file.Test!, variables, MemoryModel.SequentialConsistency).ToHashSet());
        }
    }

    private static LitmusTest Read(string file) => LitmusFile.Read(Path.Combine(Suite.Folder, file)).Test!;

    private static Verdict VerdictOf(LitmusTest test, MemoryModel model)
    {
        var variables = new VariableMap(test, VariableLayout.Page);
        return OutcomeEnumerator.VerdictOf(test, variables, OutcomeEnumerator.Enumerate(test, variables, model));
    }
}

namespace Determinism.X86;

/// <summary>Checks a guest's code before it runs: every instruction that can be reached from its entries and from the
/// addresses of code that it holds.</summary>
/// <remarks>
/// <para>What is taken for granted, because bytes do not show it: RET returns to its caller; a call through a register or
/// memory goes to an entry or to an address that stands in the program, and, as the calling convention has it, reads no
/// flag there. An address that a program computes, and code that it makes, are not seen.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public static class GuestCodeCheck
{
    /// <summary>Checks code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="rules">What the clock needs of it.</param>
    /// <returns>What was found. Bad code is no error of the caller: it is refused, with all reasons.</returns>
    /// <exception cref="ArgumentException">Regions overlap, or one wraps around at the end of the address space.</exception>
    public static GuestCodeReport Check(GuestCode code, GuestCodeRules rules)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (!Enum.IsDefined(rules))
            throw new ArgumentOutOfRangeException(nameof(rules), rules, "There are no such rules.");

        var refusals = new RefusalList();
        var bytes = new CodeBytes(code.Regions);
        var explorer = new CodeExplorer(bytes, rules, refusals);
        ReachableCode reachable = explorer.Explore(code);
        int polls = 0;
        if (rules == GuestCodeRules.SoftwareCounter)
        {
            var table = new PollTable(reachable, refusals);
            CycleSearch.Run(reachable, table, refusals);
            new FlagLiveness(reachable, table, refusals).Run();
            polls = table.Count;
        }
        return new GuestCodeReport(refusals.ToList(), reachable.Count, polls, explorer.Patches);
    }
}

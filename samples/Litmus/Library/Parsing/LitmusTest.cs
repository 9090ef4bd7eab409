namespace Determinism.Litmus;

/// <summary>A litmus test: some threads, what they start from, and a claim about how they end.</summary>
public sealed record LitmusTest
{
    /// <summary>Its name, from its first line.</summary>
    public required string Name { get; init; }

    /// <summary>What stands between its first line and its initial state: <c>key=value</c>.</summary>
    public required IReadOnlyDictionary<string, string> Notes { get; init; }

    /// <summary>The variables in memory, in the order of their names.</summary>
    public required IReadOnlyList<LitmusVariable> Variables { get; init; }

    /// <summary>Registers that do not start with 0.</summary>
    public required IReadOnlyDictionary<(int Thread, int Register), LitmusValue> InitialRegisters { get; init; }

    /// <summary>The threads.</summary>
    public required IReadOnlyList<LitmusThread> Threads { get; init; }

    /// <summary>What is looked at in the end: all variables, and the registers that the file mentions.</summary>
    public required IReadOnlyList<Place> Places { get; init; }

    /// <summary>How its claim is meant.</summary>
    public required Quantifier Quantifier { get; init; }

    /// <summary>Its claim.</summary>
    public required Condition Condition { get; init; }
}

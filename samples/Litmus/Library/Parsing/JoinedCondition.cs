namespace Determinism.Litmus;

/// <summary>Two conditions, or more.</summary>
/// <param name="Parts">They.</param>
/// <param name="IsConjunction">Whether all are needed; else one is enough.</param>
public sealed record JoinedCondition(IReadOnlyList<Condition> Parts, bool IsConjunction) : Condition
{
    /// <inheritdoc />
    public override IEnumerable<Place> Places => Parts.SelectMany(static part => part.Places);

    /// <inheritdoc />
    public override bool Holds(Func<Place, ulong> valueOf, VariableMap variables) => IsConjunction
        ? Parts.All(part => part.Holds(valueOf, variables))
        : Parts.Any(part => part.Holds(valueOf, variables));
}

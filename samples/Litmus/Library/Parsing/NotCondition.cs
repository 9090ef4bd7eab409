namespace Determinism.Litmus;

/// <summary>A condition that must not hold.</summary>
/// <param name="Part">It.</param>
public sealed record NotCondition(Condition Part) : Condition
{
    /// <inheritdoc />
    public override IEnumerable<Place> Places => Part.Places;

    /// <inheritdoc />
    public override bool Holds(Func<Place, ulong> valueOf, VariableMap variables) => !Part.Holds(valueOf, variables);
}

namespace Determinism.Litmus;

/// <summary>Always the same.</summary>
/// <param name="Value">What.</param>
public sealed record ConstantCondition(bool Value) : Condition
{
    /// <inheritdoc />
    public override IEnumerable<Place> Places => [];

    /// <inheritdoc />
    public override bool Holds(Func<Place, ulong> valueOf, VariableMap variables) => Value;
}

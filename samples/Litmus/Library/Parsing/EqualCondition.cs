namespace Determinism.Litmus;

/// <summary>A place has a value.</summary>
/// <param name="Place">The place.</param>
/// <param name="Value">The value.</param>
public sealed record EqualCondition(Place Place, LitmusValue Value) : Condition
{
    /// <inheritdoc />
    public override IEnumerable<Place> Places => [Place];

    /// <inheritdoc />
    public override bool Holds(Func<Place, ulong> valueOf, VariableMap variables)
    {
        ArgumentNullException.ThrowIfNull(valueOf);
        return valueOf(Place) == Place.Truncate(Value.In(variables));
    }
}

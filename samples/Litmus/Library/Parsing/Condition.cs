namespace Determinism.Litmus;

/// <summary>A condition on final values.</summary>
public abstract record Condition
{
    /// <summary>Whether final values fulfil it.</summary>
    /// <param name="valueOf">Gives a place's final value, cut off to its size.</param>
    /// <param name="variables">Where variables are.</param>
    public abstract bool Holds(Func<Place, ulong> valueOf, VariableMap variables);

    /// <summary>The places that it mentions.</summary>
    public abstract IEnumerable<Place> Places { get; }
}

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

/// <summary>A condition that must not hold.</summary>
/// <param name="Part">It.</param>
public sealed record NotCondition(Condition Part) : Condition
{
    /// <inheritdoc />
    public override IEnumerable<Place> Places => Part.Places;

    /// <inheritdoc />
    public override bool Holds(Func<Place, ulong> valueOf, VariableMap variables) => !Part.Holds(valueOf, variables);
}

/// <summary>Always the same.</summary>
/// <param name="Value">What.</param>
public sealed record ConstantCondition(bool Value) : Condition
{
    /// <inheritdoc />
    public override IEnumerable<Place> Places => [];

    /// <inheritdoc />
    public override bool Holds(Func<Place, ulong> valueOf, VariableMap variables) => Value;
}

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

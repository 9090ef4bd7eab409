namespace Determinism.Queries;

/// <summary>Names an event of a log.</summary>
/// <param name="Agent">Whose stream it is in.</param>
/// <param name="Number">Its number there, from 1.</param>
public readonly record struct EventReference(int Agent, ulong Number)
{
    /// <summary>As constraints are printed: <c>agent:number</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Agent}:{Number}");
}

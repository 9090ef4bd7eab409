using System.Globalization;

namespace Determinism.Litmus;

/// <summary>A value that a file states: a number, or the address of a variable.</summary>
/// <param name="Number">The number; 0 with a symbol.</param>
/// <param name="Symbol">The variable; null for a number.</param>
public readonly record struct LitmusValue(long Number, string? Symbol)
{
    /// <summary>The value, once it is known where variables are.</summary>
    /// <param name="variables">Where they are.</param>
    public ulong In(VariableMap variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        return Symbol is null ? (ulong)Number : variables[Symbol];
    }

    /// <inheritdoc />
    public override string ToString() => Symbol ?? Number.ToString(CultureInfo.InvariantCulture);
}

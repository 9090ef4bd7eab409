namespace Determinism.Litmus;

/// <summary>The final values of a test's places, in the order of <see cref="LitmusTest.Places"/>.</summary>
/// <param name="values">They; copied.</param>
public sealed class Outcome(params ReadOnlySpan<ulong> values) : IEquatable<Outcome>
{
    private static readonly WordsComparer s_words = new();

    private readonly ulong[] _values = values.ToArray();

    /// <summary>The values.</summary>
    public IReadOnlyList<ulong> Values => _values;

    /// <summary>Whether it fulfils the test's condition.</summary>
    /// <param name="test">The test.</param>
    /// <param name="variables">Where its variables are.</param>
    public bool Fulfils(LitmusTest test, VariableMap variables)
    {
        ArgumentNullException.ThrowIfNull(test);
        return test.Condition.Holds(ValueOf, variables);

        ulong ValueOf(Place place)
        {
            for (int index = 0; index < _values.Length; index++)
            {
                if (test.Places[index] == place)
                    return _values[index];
            }
            throw new ArgumentException($"{place} is no place of {test.Name}.", nameof(test));
        }
    }

    /// <summary>As a text, such as <c>0:rax=1 x=2</c>.</summary>
    /// <param name="test">The test.</param>
    /// <param name="variables">Where its variables are.</param>
    public string TextOf(LitmusTest test, VariableMap variables)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(variables);
        return string.Join(' ', test.Places.Zip(_values, (place, value) => $"{place}={variables.TextOf(value)}"));
    }

    /// <inheritdoc />
    public bool Equals(Outcome? other) => other is not null && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Outcome);

    /// <inheritdoc />
    public override int GetHashCode() => s_words.GetHashCode(_values);
}

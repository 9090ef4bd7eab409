namespace Determinism.Litmus;

/// <summary>Where the variables of a test are in the guest's memory.</summary>
public sealed class VariableMap
{
    /// <summary>Bytes that belong to each variable, whatever its size.</summary>
    public const int SlotBytes = 8;

    /// <summary>Where the first variable is: behind code and control pages, where addresses are positive in 32 bits.</summary>
    public const ulong Start = 0x50_0000;

    private readonly Dictionary<string, ulong> _addresses = [];

    /// <summary>Places the variables of a test.</summary>
    /// <param name="test">The test.</param>
    /// <param name="layout">How far they are from each other.</param>
    public VariableMap(LitmusTest test, VariableLayout layout)
    {
        ArgumentNullException.ThrowIfNull(test);
        ulong stride = layout switch { VariableLayout.Page => 4096, VariableLayout.Line => 64, _ => SlotBytes };
        foreach (LitmusVariable variable in test.Variables)
            _addresses.Add(variable.Name, Start + (stride * (ulong)_addresses.Count));
        End = Start + (((stride * (ulong)_addresses.Count) + 4095) & ~4095UL);
    }

    /// <summary>The first page behind them.</summary>
    public ulong End { get; }

    /// <summary>The address of a variable.</summary>
    /// <param name="name">Its name.</param>
    public ulong this[string name] => _addresses[name];

    /// <summary>All variables, by ascending address.</summary>
    public IEnumerable<KeyValuePair<string, ulong>> All => _addresses.OrderBy(static one => one.Value);

    /// <summary>A value as text: a number, or the variable that it is the address of.</summary>
    /// <param name="value">The value.</param>
    public string TextOf(ulong value)
    {
        foreach ((string name, ulong address) in _addresses)
        {
            if (address == value)
                return name;
        }
        return value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}

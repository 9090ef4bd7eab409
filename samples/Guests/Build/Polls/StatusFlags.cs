namespace Determinism.Guests.Build.Polls;

/// <summary>
/// The status flags that compiled code tests. The auxiliary carry is left out: nothing tests it alone, and
/// whatever stores it (LAHF) reads the others too.
/// </summary>
[Flags]
public enum StatusFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>CF.</summary>
    Carry = 1,

    /// <summary>PF.</summary>
    Parity = 2,

    /// <summary>ZF.</summary>
    Zero = 4,

    /// <summary>SF.</summary>
    Sign = 8,

    /// <summary>OF.</summary>
    Overflow = 16,

    /// <summary>All of them.</summary>
    All = Carry | Parity | Zero | Sign | Overflow,
}

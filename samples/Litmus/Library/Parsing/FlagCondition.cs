namespace Determinism.Litmus;

/// <summary>What a conditional instruction looks at, numbered as the processor does.</summary>
public enum FlagCondition
{
    /// <summary>Overflow.</summary>
    O,

    /// <summary>No overflow.</summary>
    No,

    /// <summary>Below, unsigned; carry.</summary>
    B,

    /// <summary>Above or equal, unsigned.</summary>
    Ae,

    /// <summary>Equal; zero.</summary>
    E,

    /// <summary>Not equal.</summary>
    Ne,

    /// <summary>Below or equal, unsigned.</summary>
    Be,

    /// <summary>Above, unsigned.</summary>
    A,

    /// <summary>Negative.</summary>
    S,

    /// <summary>Not negative.</summary>
    Ns,

    /// <summary>Even parity of the low byte.</summary>
    P,

    /// <summary>Odd parity of the low byte.</summary>
    Np,

    /// <summary>Less, signed.</summary>
    L,

    /// <summary>Greater or equal, signed.</summary>
    Ge,

    /// <summary>Less or equal, signed.</summary>
    Le,

    /// <summary>Greater, signed.</summary>
    G,
}

namespace Determinism.Litmus;

/// <summary>What a litmus test claims of its condition.</summary>
public enum Quantifier
{
    /// <summary>Some outcome fulfils it, or so it is asked.</summary>
    Exists,

    /// <summary>No outcome does.</summary>
    NotExists,

    /// <summary>Every outcome does.</summary>
    ForAll,
}

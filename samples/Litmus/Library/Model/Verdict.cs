namespace Determinism.Litmus;

/// <summary>How often a condition holds among some outcomes.</summary>
public enum Verdict
{
    /// <summary>In none.</summary>
    Never,

    /// <summary>In some, not in all.</summary>
    Sometimes,

    /// <summary>In all.</summary>
    Always,
}

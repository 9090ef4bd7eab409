namespace Determinism.Litmus;

/// <summary>How far a test's variables are from each other.</summary>
public enum VariableLayout
{
    /// <summary>Each in a page of its own.</summary>
    Page,

    /// <summary>Each in a cache line of its own, all in one page.</summary>
    Line,

    /// <summary>One behind the other.</summary>
    Same,
}

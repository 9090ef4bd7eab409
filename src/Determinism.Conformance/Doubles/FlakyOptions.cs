namespace Determinism.Conformance;

/// <summary>What a flaky double does to its callers.</summary>
public sealed record FlakyOptions
{
    /// <summary>Decides what happens when.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>One call in so many is delayed, which changes the order in which concurrent callers come; 0 for none.</summary>
    public int DelayOneIn { get; init; } = 4;

    /// <summary>One call in so many fails; 0 for none.</summary>
    public int FailOneIn { get; init; }
}

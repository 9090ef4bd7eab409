namespace Determinism.Litmus;

/// <summary>How a test is to be run by a guest.</summary>
public sealed record GuestPlan
{
    /// <summary>How often, one after the other; at least once.</summary>
    public required int Iterations { get; init; }

    /// <summary>How far variables are from each other.</summary>
    public VariableLayout Layout { get; init; }

    /// <summary>Decides how long each thread waits before each iteration.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads wait for up to two to the power of this many rounds of a loop: as often for short as for long. 0 to
    /// 30.</summary>
    public int DelayBits { get; init; } = 10;

    /// <summary>Whether a thread can be stopped between any two of its accesses by a machine that stops at polls alone.</summary>
    public bool IsPolled { get; init; }
}

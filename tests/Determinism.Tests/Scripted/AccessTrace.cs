namespace Determinism.Tests.Scripted;

/// <summary>One access as it happened.</summary>
/// <param name="Agent">Who.</param>
/// <param name="AfterEvent">Number of the agent's latest event before it.</param>
/// <param name="Frame">Where.</param>
/// <param name="IsWrite">What.</param>
internal readonly record struct TracedAccess(int Agent, ulong AfterEvent, ulong Frame, bool IsWrite);

/// <summary>All accesses of a run in the order in which they happened. It stops the world for each: for oracles
/// only.</summary>
internal sealed class AccessTrace
{
    private readonly List<TracedAccess> _accesses = [];

    public object Lock { get; } = new();

    public IReadOnlyList<TracedAccess> Accesses => _accesses;

    /// <summary>Call it inside <see cref="Lock"/>, with the access itself.</summary>
    public void Add(TracedAccess access) => _accesses.Add(access);
}

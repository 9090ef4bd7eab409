namespace Determinism;

/// <summary>The source half of "(agent a, event m) must happen before (agent b, event n)"; the target is the event
/// that carries it.</summary>
/// <param name="Agent">The source agent.</param>
/// <param name="EventNumber">Number of the source event in that agent's stream; the first event is 1.</param>
public readonly record struct OrderingConstraint(int Agent, ulong EventNumber);

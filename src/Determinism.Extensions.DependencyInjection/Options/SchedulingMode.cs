namespace Determinism;

/// <summary>Which vCPU runs when, while recording.</summary>
public enum SchedulingMode
{
    /// <summary>All at once; ownership of frames orders them.</summary>
    Parallel = 0,

    /// <summary>One at a time.</summary>
    Serial = 1,

    /// <summary>At seeded, adversarial moments.</summary>
    Chaos = 2,
}

namespace Determinism.Tests.Planted;

/// <summary>What can be found wrong with a run.</summary>
[Flags]
public enum Finding
{
    None = 0,

    /// <summary>Two agents had rights that exclude each other, or one lost a right inside an instruction (L1).</summary>
    Exclusion = 1,

    /// <summary>A conflicting pair that nothing orders (L2).</summary>
    Order = 2,

    /// <summary>A constraint that others imply (L4).</summary>
    Economy = 4,

    /// <summary>An instruction that faulted again and again (L5).</summary>
    Progress = 8,

    /// <summary>The constraints have a cycle (L6).</summary>
    Cycle = 16,

    /// <summary>The recording failed.</summary>
    RecordingFailed = 32,

    /// <summary>Replay stopped at a difference, or at a wait without end (L8, L6).</summary>
    ReplayStopped = 64,

    /// <summary>Replay came to another end without noticing: what must never happen.</summary>
    Silent = 128,
}

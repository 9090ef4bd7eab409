namespace Determinism;

/// <summary>What a backend counts to name the points of a vCPU's own instruction stream.</summary>
/// <remarks>The kind decides where a vCPU can be stopped and how its log is replayed.</remarks>
public enum ClockKind : byte
{
    /// <summary>No replayable count: only serialised recording, at exits that the guest itself causes.</summary>
    None = 0,

    /// <summary>Instructions retired. Stops anywhere; replayed by position.</summary>
    RetiredInstructions = 1,

    /// <summary>Branches retired, counted by the processor. Stops anywhere; replayed by position.</summary>
    HardwareBranches = 2,

    /// <summary>Polls that the guest counts itself. Stops at polls only; replayed by protection: the faults of the
    /// recording recur because rights are taken from the agent's own stream only.</summary>
    SoftwareCounter = 3,
}

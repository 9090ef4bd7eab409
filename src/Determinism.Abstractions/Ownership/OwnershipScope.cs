namespace Determinism;

/// <summary>What one ownership decision covers.</summary>
public enum OwnershipScope : byte
{
    /// <summary>Each frame has its own owner: vCPUs run in parallel.</summary>
    Frames = 0,

    /// <summary>One baton stands for everything that is shared: who runs, or touches memory, holds it. This is
    /// serialised recording, with the same log and the same replay.</summary>
    Machine = 1,
}

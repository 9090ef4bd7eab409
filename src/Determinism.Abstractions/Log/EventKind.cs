namespace Determinism;

/// <summary>What an event in an agent's stream says. Values are part of the log format.</summary>
public enum EventKind : byte
{
    /// <summary>Not an event: zeros are never mistaken for one.</summary>
    None = 0,

    /// <summary>A right of the agent rose.</summary>
    Elevation = 1,

    /// <summary>A right of the agent fell.</summary>
    Reduction = 2,

    /// <summary>A value came from outside the machine.</summary>
    Input = 3,

    /// <summary>Something arrived at this point that the agent did not ask for: an interrupt, a completion, a start.</summary>
    Asynchronous = 4,

    /// <summary>The agent's running digest, whole.</summary>
    Digest = 5,

    /// <summary>The agent ended.</summary>
    End = 6,
}

namespace Determinism;

/// <summary>What is wrong with a call of the exit-loop API.</summary>
public enum ProtocolMisuse
{
    /// <summary>Another thread than the one that acts as the agent.</summary>
    WrongThread = 0,

    /// <summary>Not in this state: inside the guest, with a span open, or on the wrong kind of agent.</summary>
    WrongOrder = 1,

    /// <summary>The agent has ended.</summary>
    AfterEnd = 2,

    /// <summary>The session has been disposed of.</summary>
    AfterDispose = 3,
}

namespace Determinism;

/// <summary>How an event says where it happened. Values are part of the log format.</summary>
public enum PlaceKind : byte
{
    /// <summary>By the clock's count, the instant itself: clocks that stop anywhere, polls of the software counter,
    /// and operations of agents that are not vCPUs.</summary>
    Count = 0,

    /// <summary>By the ordinal of the agent's synchronous exit, which recurs on replay by protection.</summary>
    Exit = 1,

    /// <summary>At the same exit as the event before it.</summary>
    Same = 2,

    /// <summary>By the exit that follows the last one an event was at. Only the encoding has it: an event that is read back
    /// is at an <see cref="Exit"/>.</summary>
    NextExit = 3,
}

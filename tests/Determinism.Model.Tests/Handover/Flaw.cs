namespace Determinism.Model.Tests.Handover;

/// <summary>Bugs that can be planted in the protocol, one at a time.</summary>
internal enum Flaw
{
    None,

    /// <summary>A claimed holder is treated as reduced, but its backend right stays.</summary>
    ReductionSkipped,

    /// <summary>A running holder was asked, and the winner elevates without its answer.</summary>
    ElevationBeforeReduction,

    /// <summary>A source is joined into the clock but not written.</summary>
    ConstraintLost,

    /// <summary>Sources of a write are the last writer only: write-after-read is lost.</summary>
    ReadersForgotten,

    /// <summary>The constraint names the source's event before the latest.</summary>
    ConstraintToEarlierEvent,

    /// <summary>The number is taken at the reduction, the clock at the grant.</summary>
    ClockNewerThanEvent,

    /// <summary>A source seen once is held to be known for ever.</summary>
    SourceSeenBefore,

    /// <summary>Constraints that are implied by others are written all the same.</summary>
    EconomySkipped,

    /// <summary>Requests are served at an exit that the host caused.</summary>
    ServedAtHostExit,

    /// <summary>At an exit that the host caused, the agent enters again without arming its next poll.</summary>
    HostExitForgetsAsked,

    /// <summary>An agent that ends is dropped from the holders without an event.</summary>
    GoneForgotten,

    /// <summary>A parked holder is reduced without being claimed.</summary>
    NoClaim,

    /// <summary>The requester's store of Asked is still in its store buffer when it reads the state word.</summary>
    NoFenceAfterAsk,

    /// <summary>The agent looks at Asked before it publishes Running.</summary>
    LookBeforeUnpark,

    /// <summary>The agent looks at Asked before it publishes Parked.</summary>
    LookBeforePark,

    /// <summary>The requester trusts what it read of the holder's pins before it set Asked.</summary>
    PinsReadBeforeAsk,

    /// <summary>Pins do not hold until the instruction has retired.</summary>
    PinsDroppedAtUnpark,

    /// <summary>A fast grant does not pin what the instruction needs.</summary>
    FastGrantUnpinned,

    /// <summary>Odd agents acquire frames in descending order.</summary>
    FramesOutOfOrder,

    /// <summary>Held frames are pinned when the request starts, not when their turn comes.</summary>
    PinnedBeforeTurn,

    /// <summary>A frame found later is acquired with the others still pinned.</summary>
    PinsKeptOnDiscovery,

    /// <summary>A new request of the same instruction drops its old pins in the gate, after Parked was published.</summary>
    PinsDroppedInGate,

    /// <summary>A request does not wait behind those that came to the frame before it.</summary>
    FifoIgnored,

    /// <summary>A request's place in every queue is that of its start, not of its arrival at the frame.</summary>
    PlaceKeptAcrossFrames,

    /// <summary>The sole remaining reader upgrades itself although the frame was reduced since the last write grant.</summary>
    FastGrantIgnoresReduced,

    /// <summary>Serve clears Asked although a pinned frame is still wanted, and wakes nobody to ask again.</summary>
    AskForgottenAtPin,

    /// <summary>An agent that has announced its request waits for it without parking.</summary>
    SleepsUnparked,

    /// <summary>An agent that parks does not look at Asked.</summary>
    ParkWithoutLook,
}

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

    /// <summary>An agent that ends is dropped from the holders without an event.</summary>
    GoneForgotten,

    /// <summary>A parked holder is reduced without being claimed.</summary>
    NoClaim,

    /// <summary>The requester's store of Asked is still in its store buffer when it reads the state word.</summary>
    NoFenceAfterAsk,

    /// <summary>The agent looks at Asked before it publishes Running.</summary>
    LookBeforeUnpark,

    /// <summary>Pins do not hold until the instruction has retired.</summary>
    PinsDroppedAtUnpark,

    /// <summary>Odd agents acquire frames in descending order.</summary>
    FramesOutOfOrder,

    /// <summary>Held frames are pinned when the request starts, not when their turn comes.</summary>
    PinnedBeforeTurn,

    /// <summary>A lower frame found later is acquired with the higher ones still pinned.</summary>
    PinsKeptOnDiscovery,

    /// <summary>A request does not wait behind an earlier ticket.</summary>
    FifoIgnored,

    /// <summary>A second request of one instruction waits behind others for a frame that it has pinned already.</summary>
    QueuesBehindOwnPin,

    /// <summary>The fast grant does not look whether a request waits at the frame.</summary>
    FastGrantIgnoresWanted,

    /// <summary>Reduced holders are remembered by the request they were reduced for, not by the frame.</summary>
    SourcesKeptByRequest,

    /// <summary>Serve clears Asked although a pinned frame is still wanted.</summary>
    AskForgottenAtPin,

    /// <summary>An agent that parks does not look at Asked.</summary>
    ParkWithoutServe,

    /// <summary>An agent that ends does not look at Asked.</summary>
    EndWithoutServe,
}

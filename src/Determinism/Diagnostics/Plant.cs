namespace Determinism;

/// <summary>The bugs that tests plant into the production classes, to see that they are caught. Never set
/// otherwise.</summary>
internal enum Plant
{
    None = 0,

    /// <summary>A winner is let in while the loser keeps its right.</summary>
    SkipReduction,

    /// <summary>The winner's right is applied before the loser's reduction.</summary>
    ElevateFirst,

    /// <summary>A grant's constraints are not written.</summary>
    LoseConstraint,

    /// <summary>A writer is not ordered after the readers that it took the frame from.</summary>
    ForgetReaders,

    /// <summary>A reader that was reduced for one who then did not get the frame is forgotten.</summary>
    ForgetOwedReaders,

    /// <summary>The constraint names the event before the right one.</summary>
    ConstraintToEarlierEvent,

    /// <summary>The clock joined says more than the event that it is said to belong to.</summary>
    JoinNewerClock,

    /// <summary>The transitive reduction drops what nothing implies.</summary>
    ReduceNeededConstraint,

    /// <summary>An agent that ends is dropped from the holders.</summary>
    ForgetHolderAtEnd,

    /// <summary>An agent that closes a span is dropped from the holders.</summary>
    ForgetHolderAtSpanEnd,

    /// <summary>A running agent is reduced by the winner: its check and its access are no longer one.</summary>
    ReduceRunning,

    /// <summary>Requests are served at an exit that the host caused.</summary>
    ServeAtHostExit,

    /// <summary>Pins are dropped before the instruction has retired.</summary>
    DropPinsEarly,

    /// <summary>The recorded place of a reduction is one too large.</summary>
    PointOffByOne,

    /// <summary>The recorded place of an asynchronous event is one too large.</summary>
    InterruptLate,

    /// <summary>A vCPU that no longer has the machine to itself still sees all of memory.</summary>
    LeaveViewOpen,

    /// <summary>A vCPU enters the guest while another has the machine to itself.</summary>
    EnterWithoutBaton,

    /// <summary>A recorded input goes to another agent's stream.</summary>
    SwapInput,

    /// <summary>A checkpoint leaves out a piece of memory that has changed.</summary>
    ForgetPiece,

    /// <summary>A checkpoint says that an agent has had one event more.</summary>
    CheckpointEventOffByOne,

    /// <summary>A recording that is detached says that its agents stood one place further on.</summary>
    EndOffByOne,

    /// <summary>An agent that goes on from another session does not look for what came between the two.</summary>
    LoseWake,

    /// <summary>A vCPU goes on while others stand still for a checkpoint.</summary>
    DoNotStand,

    /// <summary>A whole checkpoint leaves out a piece of memory.</summary>
    ForgetPieceOfWhole,

    /// <summary>Checkpoints go on referring to contents from before a whole one.</summary>
    ReferToDropped,

    /// <summary>A flight recorder drops a segment too many.</summary>
    DropOneMore,

    /// <summary>A flight recorder takes files away before the log's new beginning is durable.</summary>
    DropBeforeDurable,
}

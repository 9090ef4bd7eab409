namespace Determinism;

/// <summary>What a block of a log holds. Values are part of the log format.</summary>
public enum BlockKind : byte
{
    /// <summary>Not a block.</summary>
    None = 0,

    /// <summary>What a replay must agree on: clock, page size, agents, identities.</summary>
    Header = 1,

    /// <summary>Events of one agent.</summary>
    Events = 2,

    /// <summary>The guest's program image.</summary>
    GuestImage = 3,

    /// <summary>Memory other than the image at the start.</summary>
    InitialMemory = 4,

    /// <summary>A disk at the start.</summary>
    DiskImage = 5,

    /// <summary>The machine's configuration.</summary>
    Configuration = 6,

    /// <summary>The machine's whole state at a cut. The one kind, beside events, of which every block counts.</summary>
    Checkpoint = 7,

    /// <summary>The log that this one goes on from, and from where; no replay needs it.</summary>
    ParentLog = 8,

    /// <summary>The end of a log that was closed properly.</summary>
    Trailer = 9,

    /// <summary>Where the blocks of a file are; written by the log itself.</summary>
    Index = 10,

    /// <summary>Digest of the machine's state at the end of the recording.</summary>
    FinalState = 11,

    /// <summary>What was taken out of the log after it had been recorded; such a log may not be replayable.</summary>
    Redactions = 12,

    /// <summary>Who took which frame from whom while it was recorded, and where both were; no replay needs it.</summary>
    SharingProfile = 13,

    /// <summary>Where each agent stood when the recording was detached from a machine that went on.</summary>
    LogEnd = 14,

    /// <summary>Where the log begins since its oldest part was dropped; written by the log itself. The last one counts.</summary>
    Beginning = 15,
}

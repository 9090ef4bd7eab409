namespace Determinism.FlightRecording;

/// <summary>What a <see cref="FlightRecorder"/> keeps at a moment.</summary>
public sealed record FlightRecorderStatus
{
    /// <summary>Bytes of the log's folder.</summary>
    public required long Bytes { get; init; }

    /// <summary>The most that the folder has had.</summary>
    public required long MostBytes { get; init; }

    /// <summary>Bytes of the segments that hold what the machine starts from, and are never dropped.</summary>
    public required long BaseBytes { get; init; }

    /// <summary>Bytes of the largest whole checkpoint, before compression.</summary>
    public required long LargestWholeBytes { get; init; }

    /// <summary>Number of whole checkpoints that were made; each is one that the log may come to begin at.</summary>
    public required long WholeCheckpoints { get; init; }

    /// <summary>Bytes that were dropped.</summary>
    public required long DroppedBytes { get; init; }

    /// <summary>Segments that were dropped.</summary>
    public required long DroppedSegments { get; init; }

    /// <summary>Number of the checkpoint that the log begins at; 0: nothing was dropped yet, and it begins at its start.</summary>
    public required int OldestCheckpoint { get; init; }

    /// <summary>By agent, the number of the first event behind where the log begins.</summary>
    public required IReadOnlyList<ulong> OldestEvents { get; init; }

    /// <summary>Whether the folder has more bytes than it should, and nothing of it can be dropped: what the machine starts from and
    /// a whole checkpoint do not leave room for more.</summary>
    public required bool IsOverBudget { get; init; }

    /// <summary>Whether the machine has more memory in use than one block of a log can have, so that no further checkpoint can be
    /// whole, and nothing more can be dropped.</summary>
    public required bool IsTooLarge { get; init; }
}

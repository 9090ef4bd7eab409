namespace Determinism.Checkpoints;

/// <summary>What a checkpoint's block says, but for the contents that it stores.</summary>
internal sealed record CheckpointContent
{
    /// <summary>Its number, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Whether it needs no checkpoint before it: its memory is all that is not as at the start, and all of its contents
    /// are stored here.</summary>
    public bool IsWhole { get; init; }

    public required AgentCheckpoint[] Agents { get; init; }

    /// <summary>The pieces of memory that have changed, or of a whole checkpoint all, ascending, with the numbers of their contents.</summary>
    public required PieceContent[] Memory { get; init; }

    /// <summary>Numbers of the contents of the machine's state, piece by piece.</summary>
    public required ulong[] State { get; init; }

    /// <summary>Bytes of the machine's state.</summary>
    public required int StateBytes { get; init; }

    /// <summary>Number of the first content that is stored here; contents are numbered from 1 through all
    /// checkpoints.</summary>
    public required ulong FirstContent { get; init; }

    public required int StoredPieces { get; init; }

    /// <summary>Bytes of the block before the contents.</summary>
    public int HeadBytes { get; init; }

    public int Bytes => HeadBytes + (StoredPieces * Pieces.Bytes);

    /// <summary>The number of the next content.</summary>
    public ulong NextContent => FirstContent + (ulong)StoredPieces;

    /// <summary>A content that it needs and that has a smaller number than some; 0 if there is none.</summary>
    public ulong FindContentBefore(ulong number)
    {
        ulong ofState = Array.Find(State, one => one != Pieces.Zeros && one < number);
        return ofState != Pieces.Zeros ? ofState : Array.Find(Memory, one => one.Content != Pieces.Zeros && one.Content < number).Content;
    }
}

/// <summary>What a piece holds.</summary>
/// <param name="Piece">The piece: its address in pieces.</param>
/// <param name="Content">Number of its content.</param>
internal readonly record struct PieceContent(ulong Piece, ulong Content);

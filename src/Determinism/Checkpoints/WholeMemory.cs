using Determinism.Log;

namespace Determinism.Checkpoints;

/// <summary>All of memory that is not as at the start: what the checkpoint before has of it, read back from the log, and what has
/// changed since.</summary>
internal static class WholeMemory
{
    // Beside contents, a block has a list of them, and the agents' rights.
    private const int BytesPerPiece = Pieces.Bytes + 24;
    private const int Reserve = 16 << 20;

    /// <summary>Puts it together.</summary>
    /// <param name="log">The log, as it is now.</param>
    /// <param name="number">Number of the checkpoint before.</param>
    /// <param name="changes">What has changed since.</param>
    /// <param name="stateBytes">What the machine has beside it.</param>
    /// <returns>The pieces, ascending; null if there are more than a block can have.</returns>
    /// <exception cref="LogDamagedException">The log cannot be read.</exception>
    public static List<MemoryPiece>? Read(IEventLogReader log, int number, IReadOnlyList<MemoryPiece> changes, int stateBytes)
    {
        LogCheckpoints checkpoints = LogCheckpoints.ReadFrom(log);
        if (checkpoints.All.Count == 0 || checkpoints.All[^1].Number != number)
            throw new LogDamagedException($"Checkpoint {number} was written, and is not in the log.");
        var pieces = new SortedDictionary<ulong, MemoryPiece>();
        var contents = new Dictionary<PieceHash, byte[]>();
        bool isTooMuch = false;
        checkpoints.Read(checkpoints.All[^1], (address, content) =>
        {
            isTooMuch |= IsTooMuch(pieces.Count, stateBytes);
            if (isTooMuch)
                return;
            PieceHash hash = Pieces.HashOf(content);
            if (!contents.TryGetValue(hash, out byte[]? known))
                contents.Add(hash, known = content.ToArray());
            pieces[address / Pieces.Bytes] = new MemoryPiece(address / Pieces.Bytes, hash, known);
        });
        foreach (MemoryPiece one in changes)
            pieces[one.Piece] = one;
        return isTooMuch || IsTooMuch(pieces.Count, stateBytes) ? null : [.. pieces.Values];
    }

    private static bool IsTooMuch(int pieces, int stateBytes) =>
        ((pieces + (long)Pieces.CountOf((ulong)stateBytes)) * BytesPerPiece) + Reserve > LogLimits.MaximumContentBytes;
}

/// <summary>A piece of memory with what it holds.</summary>
/// <param name="Piece">The piece: its address in pieces.</param>
/// <param name="Hash">The content's hash.</param>
/// <param name="Content">The content.</param>
internal readonly record struct MemoryPiece(ulong Piece, PieceHash Hash, byte[] Content);

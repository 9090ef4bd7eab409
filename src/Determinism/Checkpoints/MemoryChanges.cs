namespace Determinism.Checkpoints;

/// <summary>Finds, of a machine that stands still, the pieces of memory that are not as they were, and copies them.</summary>
/// <remarks>Agents note which frames they are given for writing; only those are looked at. Whoever had the machine to itself
/// may have written anything: then all of memory is.</remarks>
internal sealed class MemoryChanges
{
    private readonly IVmBackend _backend;
    private readonly MachineShape _shape;
    private readonly IReadOnlyList<FrameRange> _shared;
    private readonly FrameSet _frames;
    private readonly FrameSet[] _written;

    // What each piece held when it was looked at last; zeros where there is none.
    private readonly Dictionary<ulong, PieceHash> _known = [];
    private readonly List<byte[]> _copies = [];
    private readonly List<MemoryPiece> _changed = [];

    /// <summary>Takes down what memory holds before anybody runs.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="shared">Frames that are only ever read.</param>
    /// <param name="isWhole">Whether all of it is found, for a machine that is not as it was loaded.</param>
    public MemoryChanges(IVmBackend backend, MachineShape shape, IReadOnlyList<FrameRange> shared, bool isWhole)
    {
        _backend = backend;
        _shape = shape;
        _shared = shared;
        _frames = new FrameSet(shape.FrameCount);
        _written = new FrameSet[shape.AgentCount];
        for (int agent = 0; agent < _written.Length; agent++)
            _written[agent] = new FrameSet(shape.FrameCount);
        foreach (ulong piece in AllPieces())
            Look(piece, isWhole);
        if (!isWhole)
            Forget();
    }

    /// <summary>The bug that a test has planted.</summary>
    public Plant Plant { get; set; }

    /// <summary>The pieces found, ascending; their contents are valid until the next search.</summary>
    public IReadOnlyList<MemoryPiece> Found => _changed;

    /// <summary>Forgets what was found.</summary>
    public void Forget()
    {
        _changed.Clear();
        _copies.Clear();
    }

    /// <summary>An agent may write a frame from now on. On the agent's thread, or while all stand still.</summary>
    public void Note(int agent, ulong frame) => _written[agent].Add(frame);

    /// <summary>Looks for changes since the last time. While all stand still.</summary>
    public void Search()
    {
        _changed.Clear();
        _frames.Clear();
        foreach (FrameSet written in _written)
        {
            _frames.AddAll(written);
            written.Clear();
        }
        foreach (ulong piece in _frames.Contains(_shape.BatonFrame) ? AllPieces() : WrittenPieces())
            Look(piece, isWhole: false);
        if (Plant == Plant.ForgetPiece && _changed.Count > 0)
            _changed.RemoveAt(_changed.Count - 1);
    }

    private IEnumerable<ulong> WrittenPieces()
    {
        ulong next = 0;
        foreach (ulong frame in _frames.All())
        {
            if (frame >= _shape.RamFrameCount)
                yield break;
            ulong start = frame << _shape.PageShift;
            ulong end = Pieces.CountOf(Math.Min(start + (1UL << _shape.PageShift), _shape.MemoryBytes));
            for (ulong piece = Math.Max(start / Pieces.Bytes, next); piece < end; piece++)
                yield return piece;
            next = end;
        }
    }

    private IEnumerable<ulong> AllPieces() => TouchedPieces.Of(_backend, _shape, _shared);

    private void Look(ulong piece, bool isWhole)
    {
        if (_copies.Count == _changed.Count)
            _copies.Add(new byte[Pieces.Bytes]);
        byte[] copy = _copies[_changed.Count];
        ulong address = piece * Pieces.Bytes;
        int length = (int)Math.Min(Pieces.Bytes, _shape.MemoryBytes - address);
        copy.AsSpan(length).Clear();
        _backend.ReadMemory(address, copy.AsSpan(0, length));
        PieceHash hash = Pieces.HashOf(copy);
        if (hash == Pieces.ZeroHash && isWhole)
        {
            // It may have been loaded with something else. The buffer is the next one's.
            _copies.Insert(_changed.Count, []);
            _changed.Add(new MemoryPiece(piece, hash, []));
            return;
        }
        if (_known.TryGetValue(piece, out PieceHash before) ? before == hash : hash == Pieces.ZeroHash)
            return;
        _known[piece] = hash;
        _changed.Add(new MemoryPiece(piece, hash, copy));
    }
}

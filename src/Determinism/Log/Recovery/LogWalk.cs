namespace Determinism.Log;

/// <summary>Reads a log from front to back, block by block, and goes on after damage where it can.</summary>
internal sealed class LogWalk(ILogStorage storage, LogKeys? keys, ProblemList problems, IProgress<long>? progress) : IDisposable
{
    private readonly List<Manifest.ClosedSegment?> _closed = [];
    private StreamCheck[] _streams = [];
    private SegmentStart _log;
    private ContentCoder? _coder;
    private ChainCheck? _chain;
    private Manifest? _manifest;
    private bool _isSegmentMissing;
    private SegmentLayout _layout = new(0, null);

    public bool IsComplete { get; private set; }

    /// <summary>Where the log breaks off, if it does.</summary>
    public LogTail? Tail { get; private set; }

    public bool IsChained => _log.IsChained;

    public bool IsEncrypted => _log.IsEncrypted;

    public bool IsChainChecked => _chain is not null;

    public bool AreContentsChecked { get; private set; }

    public bool IsOpaque => Array.Exists(_streams, static stream => stream.IsOpaque);

    public CheckpointCheck Checkpoints { get; private set; } = new([]);

    public long Bytes { get; private set; }

    public long Blocks { get; private set; }

    public ulong Events => _streams.Aggregate(0UL, static (sum, stream) => sum + stream.Events);

    /// <summary>Number of the last event of each stream that any block tells of.</summary>
    public IReadOnlyList<ulong> LastEvents => Array.ConvertAll(_streams, static stream => stream.LastEvent);

    public long Constraints => _streams.Sum(static stream => stream.Constraints);

    /// <summary>Number of the block that comes next; at the end, the number of blocks.</summary>
    public long NextSequence { get; private set; }

    public void Run()
    {
        _manifest = ManifestCheck.Read(storage, problems);
        if (!TryFindLayout())
            return;
        int count = _layout.Count;
        for (int index = 0; index < count; index++)
        {
            int number = _layout.NumberOf(index);
            bool isLast = index == count - 1;
            if (number > 0 && isLast && !IsComplete && SegmentFile.IsNotBegun(storage, number, out long length))
            {
                Tail = new LogTail(number, 0, length, LogTail.NoStart);
                break;
            }
            if (_layout.IsFirst(index))
                JumpTo(_layout.Beginning!, number);
            using ILogFile file = storage.Open(SegmentWriter.NameOf(number));
            if (!TryStart(file, number))
                break;
            if (IsComplete)
                Report(new LogProblem { Segment = number, Message = "There is a segment after the log's last one." }, NextSequence);
            WalkOver(file, number, isLast);
        }
        _chain?.Finish();
        if (_streams.Length == 0)
            return;
        CheckManifest(count);
        CheckSources();
        CheckBeginning();
    }

    public void Dispose()
    {
        _coder?.Dispose();
        _chain?.Dispose();
    }

    /// <summary>Gives a stored content back; only where contents are checked.</summary>
    public ReadOnlyMemory<byte> Decode(in BlockHeader header, ReadOnlyMemory<byte> stored, long offset, BlockBuffer buffer) =>
        _coder!.Decode(header, stored, offset, ref buffer.Scratch);

    private void WalkOver(ILogFile file, int number, bool isLast)
    {
        bool mayBreakOff = isLast && !(_manifest is { IsComplete: true } && _manifest.NextNumber == number + 1
            && _manifest.Identity == _log.Identity);
        var segment = new SegmentWalk(this, file, number, _streams, _chain, problems, mayBreakOff) { Sequence = NextSequence };
        StreamStart?[] starts = Array.ConvertAll(_streams, static stream => stream.Position);
        long firstSequence = NextSequence;
        long bytesBefore = Bytes;
        while (segment.TryStep())
        {
            Bytes = bytesBefore + segment.Offset;
            Blocks++;
            progress?.Report(Bytes);
        }
        Bytes = bytesBefore + file.Length;
        NextSequence = segment.Sequence;
        IsComplete = segment is { IsClosed: true, HasTrailer: true };
        Tail = segment.IsClosed && isLast && !IsComplete && segment.Offset == file.Length
            ? new LogTail(number, segment.Offset, 0, "")
            : segment.Tail;
        if (segment.IsClosed)
        {
            bool isKnown = segment.IsWhole && Array.TrueForAll(starts, static start => start is not null);
            _closed.Add(!isKnown ? null : new Manifest.ClosedSegment(file.Length, firstSequence, NextSequence,
                Array.ConvertAll(starts, static start => start!.Value)));
        }
        else if (!isLast)
            Report(new LogProblem { Segment = number, Offset = segment.Offset, Message = "The segment does not end." }, NextSequence);
    }

    /// <summary>Where the log begins, if its oldest part was dropped.</summary>
    public LogBeginning? Beginning => _layout.Beginning;

    private void Report(LogProblem problem, long trustedBefore) => problems.AddDamage(problem, trustedBefore);

    // What can be looked at without the first segment, or without those from where the log begins, is nothing.
    private bool TryFindLayout()
    {
        bool hasAny = false;
        try
        {
            hasAny = SegmentLayout.HasAny(storage);
            SegmentLayout.ThrowIfNone(storage);
            using ILogFile file = storage.Open(SegmentWriter.NameOf(0));
            Span<byte> bytes = stackalloc byte[SegmentStart.Size];
            SegmentStart start = SegmentStart.Read(bytes[..BlockSearch.ReadUpTo(file, 0, bytes)]);
            using var coder = new ContentCoder(BlockCodec.None, start.IsEncrypted ? keys?.DeriveEncryptionKey(start.Identity) : null);
            Manifest? manifest = _manifest?.Identity == start.Identity && _manifest.StreamCount == start.StreamCount ? _manifest : null;
            _layout = start is { MayBeDropped: true, IsEncrypted: true } && keys is not { CanDecrypt: true }
                ? SegmentLayout.FindUnseen(storage, start.StreamCount, manifest)
                : SegmentLayout.FindWhatIsThere(storage, start, coder, out _isSegmentMissing);
        }
        catch (LogDamagedException error)
        {
            Report(hasAny ? new LogProblem { Segment = 0, Offset = 0, Message = error.Message } : new LogProblem { Message = error.Message }, 0);
            return false;
        }
        if (_isSegmentMissing)
            problems.Add(new LogProblem { Segment = _layout.End, Message = "The segment is missing: there are later ones." });
        return true;
    }

    // Where the log begins behind what was dropped. That it may begin there, the log says itself, in a block that comes later.
    private void JumpTo(LogBeginning beginning, int number)
    {
        using ILogFile file = storage.Open(SegmentWriter.NameOf(number));
        Span<byte> bytes = stackalloc byte[SegmentStart.Size];
        BlockSearch.ReadUpTo(file, 0, bytes);
        long first = SegmentStart.IsWhole(bytes) ? SegmentStart.Read(bytes).FirstSequence : NextSequence;
        if (first < NextSequence)
            Report(new LogProblem { Segment = number, Offset = 32, Message = "The log begins before what the machine starts from." }, NextSequence);
        NextSequence = first;
        if (!beginning.IsSeen)
        {
            _chain?.PassDamage();
            foreach (StreamCheck stream in _streams)
                stream.Lose();
            return;
        }
        _chain?.PassGap(beginning.Link);
        for (int stream = 0; stream < _streams.Length; stream++)
            _streams[stream].BeginAt(beginning.Starts[stream]);
        Checkpoints.BeginAt(beginning);
    }

    private bool TryStart(ILogFile file, int number)
    {
        Span<byte> bytes = stackalloc byte[SegmentStart.Size];
        int length = BlockSearch.ReadUpTo(file, 0, bytes);
        SegmentStart start;
        try
        {
            start = SegmentStart.Read(bytes[..length]);
        }
        catch (LogDamagedException error)
        {
            Report(new LogProblem { Segment = number, Offset = 0, Message = error.Message }, NextSequence);
            _chain?.PassDamage();
            // Without the first start nothing is known of the log.
            return number > 0 && length == SegmentStart.Size;
        }
        if (number == 0)
            Open(start);
        if (start.Number != number)
            Wrong($"The segment says that it is segment {start.Number}.");
        if (start.Identity != _log.Identity || start.StreamCount != _log.StreamCount || start.IsChained != _log.IsChained
            || start.IsEncrypted != _log.IsEncrypted || start.Version != _log.Version)
            Wrong("The segment is of another log.");
        if (start.FirstSequence != NextSequence)
            Wrong($"The segment begins with block {start.FirstSequence}, not with block {NextSequence}.");
        _chain?.PassStart(bytes);
        return true;

        void Wrong(string message) =>
            Report(new LogProblem { Segment = number, Offset = 0, Message = message }, NextSequence);
    }

    private void Open(in SegmentStart start)
    {
        _log = start;
        _streams = new StreamCheck[start.StreamCount];
        for (int stream = 0; stream < _streams.Length; stream++)
            _streams[stream] = new StreamCheck(stream, _streams.Length, problems);
        Checkpoints = new CheckpointCheck(_streams);
        AreContentsChecked = !start.IsEncrypted || keys is { CanDecrypt: true };
        _coder = new ContentCoder(BlockCodec.None, start.IsEncrypted ? keys?.DeriveEncryptionKey(start.Identity) : null);
        if (keys?.DeriveChainKey(start.Identity) is not { } key)
            return;
        if (start.IsChained)
            _chain = new ChainCheck(key, problems);
        else
            Report(new LogProblem { Segment = 0, Offset = 0, Message = "The log is not chained: its secret cannot prove anything." }, 0);
    }

    private void CheckManifest(int count)
    {
        if (_manifest is null)
            return;
        if (_manifest.Identity != _log.Identity || _manifest.StreamCount != _streams.Length)
            problems.Add(new LogProblem { Message = "The manifest is of another log." });
        else if (!_isSegmentMissing && (Tail is not null || _closed.Count >= count - 1))
            ManifestCheck.Compare(_manifest, _closed, _layout, IsComplete, problems);
    }

    // What was dropped may be dropped because of the checkpoint that the log begins at.
    private void CheckBeginning()
    {
        if (AreContentsChecked && problems.TrustedBefore == long.MaxValue && Checkpoints.Missing is { } number)
            Report(new LogProblem { Message = $"Checkpoint {number}, at which the log begins, is not in it." }, 0);
    }

    // What a log that breaks off has lost may be a cause; ClosedLog cuts that. A whole log has all of them.
    private void CheckSources()
    {
        if (!IsComplete || problems.TrustedBefore != long.MaxValue)
            return;
        for (int stream = 0; stream < _streams.Length; stream++)
        {
            for (int source = 0; source < _streams.Length; source++)
            {
                (ulong number, ulong carrier, LogProblem? block) = _streams[stream].Latest[source];
                if (block is not null && number > _streams[source].LastEvent)
                    problems.Add(block with
                    {
                        EventNumber = carrier,
                        Message = $"The event waits for event {number} of agent {source}, which has {_streams[source].LastEvent}.",
                    });
            }
        }
    }
}

namespace Determinism.Log;

/// <content>Which segments there are, whether they fit together, and where the last of them ends.</content>
public sealed partial class FileEventLogReader
{
    private SegmentFile Load(int index)
    {
        Segment segment = _segments[index];
        if (Volatile.Read(ref segment.File) is { } file)
            return file;
        lock (_segments)
        {
            if (segment.File is null)
            {
                SegmentFile opened = Open(segment);
                try
                {
                    opened.ReadIndex(_coder);
                    CheckListed(index, opened);
                }
                catch
                {
                    opened.Dispose();
                    throw;
                }
                Volatile.Write(ref segment.File, opened);
            }
            return segment.File!;
        }
    }

    // The segment is what the manifest says of it, and the next one goes on where it ends.
    private void CheckListed(int index, SegmentFile file)
    {
        bool fits = _segments[index].Closed is not { } closed || (closed.Length == file.Length
            && closed.FirstSequence == file.Start.FirstSequence && closed.EndSequence == file.NextSequence);
        bool hasNext = index + 1 < _segments.Count && !_layout.IsFirst(index + 1);
        for (int stream = 0; fits && hasNext && stream < StreamCount; stream++)
            fits = file.Ends[stream].Offset == _segments[index + 1].Starts[stream].Offset;
        if (!fits)
            throw new LogDamagedException($"Segment {_segments[index].Number} is not what the manifest says.", file.Length);
    }

    private SegmentFile Open(Segment segment)
    {
        SegmentFile file = SegmentFile.Open(_storage, segment.Number, segment.Starts);
        if (file.Start.Identity == _start.Identity && file.Start.StreamCount == _start.StreamCount
            && file.Start.IsChained == _start.IsChained && file.Start.IsEncrypted == _start.IsEncrypted)
            return file;
        file.Dispose();
        throw new LogDamagedException($"Segment {segment.Number} is of another log.", 16);
    }

    private void FindSegments(SegmentFile first, Manifest? manifest)
    {
        if (manifest is null || manifest.Identity != _start.Identity || manifest.StreamCount != _start.StreamCount)
            manifest = null;
        if (manifest is not null && manifest.NextNumber > _layout.End)
            throw new LogDamagedException($"Segment {_layout.End} is missing.");
        for (int index = 0; manifest is not null && index < _layout.Count && _layout.NumberOf(index) < manifest.NextNumber; index++)
        {
            // It may be of a time before the log's beginning moved, but never after: then a later block would say so.
            int listed = manifest.IndexOf(_layout.NumberOf(index));
            if (listed < 0 || (manifest.BaseCount > 0 && index >= _layout.Beginning?.BaseCount && listed < manifest.BaseCount))
                throw new LogDamagedException($"The manifest says that segment {_layout.NumberOf(index)} was dropped.");
            Manifest.ClosedSegment closed = manifest.Segments[listed];
            if (_layout.IsFirst(index) && !closed.Starts.SequenceEqual(_layout.Beginning!.Starts))
                throw new LogDamagedException("The manifest says that streams stand elsewhere where the log begins.");
            _segments.Add(new Segment(_layout.NumberOf(index), closed.Starts) { Closed = closed });
        }
        if (_segments.Count > 0)
            first.Dispose();
        else
            _segments.Add(new Segment(0, SegmentFile.InitialStarts(StreamCount)) { File = first });
        IsComplete = manifest is { IsComplete: true } && manifest.NextNumber == _layout.End;
        if (!IsComplete)
        {
            FollowTail();
            return;
        }
        // The manifest alone is no proof.
        SegmentFile last = Load(_layout.Count - 1);
        if (!last.Others.Any(entry => entry.Kind == BlockKind.Trailer))
            throw new LogDamagedException("The log's last block is missing.", last.Length);
        Tail = new LogTail(_layout.End - 1, last.GoodEnd, 0, "");
    }

    // The oldest part may have been dropped since the last look.
    private void ForgetDropped()
    {
        if (_layout.Beginning is not { } beginning)
            return;
        for (int index = _segments.Count - 1; index >= beginning.BaseCount; index--)
        {
            if (_segments[index].Number >= beginning.FirstSegment)
                continue;
            _segments[index].File?.Dispose();
            _segments.RemoveAt(index);
        }
    }

    // Walks over what no index covers yet, from the last segment that is known on.
    private void FollowTail()
    {
        while (true)
        {
            int index = _segments.Count - 1;
            int number = _segments[index].Number;
            SegmentFile file = _segments[index].File ??= Open(_segments[index]);
            bool isLast = index == _layout.Count - 1;
            string? problem = WalkToEnd(file, out bool isDamaged);
            if (!file.IsClosed || problem is not null)
            {
                if (!isLast || file.IsClosed || isDamaged)
                    throw new LogDamagedException($"Segment {number}: {problem ?? "It does not end."}", file.GoodEnd);
                Tail = new LogTail(number, file.GoodEnd, file.Length - file.GoodEnd, problem ?? "");
                return;
            }
            IsComplete = file.Others.Any(entry => entry.Kind == BlockKind.Trailer);
            if (isLast)
            {
                Tail = new LogTail(number, file.GoodEnd, 0, "");
                return;
            }
            if (IsComplete)
                throw new LogDamagedException($"There is a segment after the log's last one, segment {number}.");
            int nextNumber = _layout.NumberOf(index + 1);
            if (index + 2 == _layout.Count && SegmentFile.IsNotBegun(_storage, nextNumber, out long length))
            {
                Tail = new LogTail(nextNumber, 0, length, LogTail.NoStart);
                return;
            }
            bool isFirst = _layout.IsFirst(index + 1);
            var next = new Segment(nextNumber, isFirst ? _layout.Beginning!.Starts : file.Ends.ToArray());
            next.File = Open(next);
            if (isFirst ? next.File.Start.FirstSequence < file.NextSequence : next.File.Start.FirstSequence != file.NextSequence)
            {
                next.File.Dispose();
                throw new LogDamagedException($"Segment {nextNumber} does not go on where segment {number} ends.", 32);
            }
            _segments.Add(next);
        }
    }

    // Where later blocks show that the missing one was durable it is damage, unless the writer has just gone on.
    private static string? WalkToEnd(SegmentFile file, out bool isDamaged)
    {
        string? problem = file.Walk(withContents: true);
        isDamaged = false;
        while (!isDamaged && problem is not null && file.HasDurableBlockBeyond())
        {
            long end = file.GoodEnd;
            problem = file.Walk(withContents: true);
            isDamaged = file.GoodEnd == end;
        }
        return problem;
    }

    private Manifest? ReadManifest()
    {
        try
        {
            using ILogFile file = _storage.Open(Manifest.Name);
            // Of the segments at hand a manifest cannot have more to say than this.
            if (file.Length > Manifest.MaximumBytes)
                return null;
            var bytes = new byte[(int)file.Length];
            int length = 0;
            for (int read; length < bytes.Length && (read = file.Read(length, bytes.AsSpan(length))) > 0;)
                length += read;
            return Manifest.TryRead(bytes.AsSpan(0, length));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private sealed class Segment(int number, StreamStart[] starts)
    {
        public readonly int Number = number;
        public readonly StreamStart[] Starts = starts;
        public SegmentFile? File;
        public Manifest.ClosedSegment? Closed;
    }
}

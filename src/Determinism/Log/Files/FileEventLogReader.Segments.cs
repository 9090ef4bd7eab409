namespace Determinism.Log;

/// <content>Which segments there are, whether they fit together, and where the last of them ends.</content>
public sealed partial class FileEventLogReader
{
    private SegmentFile Load(int number)
    {
        Segment segment = _segments[number];
        if (Volatile.Read(ref segment.File) is { } file)
            return file;
        lock (_segments)
        {
            if (segment.File is null)
            {
                SegmentFile opened = Open(number, segment.Starts);
                try
                {
                    opened.ReadIndex(_coder);
                    CheckListed(number, opened);
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
    private void CheckListed(int number, SegmentFile file)
    {
        bool fits = _segments[number].Closed is not { } closed || (closed.Length == file.Length
            && closed.FirstSequence == file.Start.FirstSequence && closed.EndSequence == file.NextSequence);
        for (int stream = 0; fits && number + 1 < _segments.Count && stream < StreamCount; stream++)
            fits = file.Ends[stream].Offset == _segments[number + 1].Starts[stream].Offset;
        if (!fits)
            throw new LogDamagedException($"Segment {number} is not what the manifest says.", file.Length);
    }

    private SegmentFile Open(int number, StreamStart[]? starts)
    {
        SegmentFile file = SegmentFile.Open(_storage, number, starts);
        if (file.Start.Identity == _start.Identity && file.Start.StreamCount == _start.StreamCount
            && file.Start.IsChained == _start.IsChained && file.Start.IsEncrypted == _start.IsEncrypted)
            return file;
        file.Dispose();
        throw new LogDamagedException($"Segment {number} is of another log.", 16);
    }

    private int CountSegments()
    {
        // A folder that is listed while it grows may show a new name and not the one before: missing is what stays missing.
        for (int before = -1; ;)
        {
            var names = new HashSet<string>(_storage.List(), StringComparer.Ordinal);
            int count = 0;
            while (names.Contains(SegmentWriter.NameOf(count)))
                count++;
            if (names.Count(name => name.EndsWith(".detlog", StringComparison.Ordinal)) == count)
                return count;
            if (count == before)
                throw new LogDamagedException($"Segment {count} is missing: there are later ones.");
            before = count;
        }
    }

    private void FindSegments(SegmentFile first, int count, Manifest? manifest)
    {
        if (manifest is null || manifest.Identity != _start.Identity || manifest.StreamCount != _start.StreamCount)
            manifest = null;
        if (manifest is not null)
        {
            if (manifest.Segments.Count > count)
                throw new LogDamagedException($"Segment {count} is missing.");
            foreach (Manifest.ClosedSegment segment in manifest.Segments)
                _segments.Add(new Segment(segment.Starts) { Closed = segment });
        }
        if (_segments.Count > 0)
            first.Dispose();
        else
            _segments.Add(new Segment(SegmentFile.InitialStarts(StreamCount)) { File = first });
        IsComplete = manifest is { IsComplete: true } && manifest.Segments.Count == count;
        if (!IsComplete)
        {
            FollowTail(count);
            return;
        }
        // The manifest alone is no proof.
        SegmentFile last = Load(count - 1);
        if (!last.Others.Any(entry => entry.Kind == BlockKind.Trailer))
            throw new LogDamagedException("The log's last block is missing.", last.Length);
        Tail = new LogTail(count - 1, last.GoodEnd, 0, "");
    }

    // Walks over what no index covers yet, from the last segment that is known on.
    private void FollowTail(int count)
    {
        while (true)
        {
            int number = _segments.Count - 1;
            SegmentFile file = _segments[number].File ??= Open(number, _segments[number].Starts);
            bool isLast = number == count - 1;
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
            if (number + 2 == count && SegmentFile.IsNotBegun(_storage, number + 1, out long length))
            {
                Tail = new LogTail(number + 1, 0, length, LogTail.NoStart);
                return;
            }
            SegmentFile next = Open(number + 1, file.Ends.ToArray());
            if (next.Start.FirstSequence != file.NextSequence)
            {
                next.Dispose();
                throw new LogDamagedException($"Segment {number + 1} does not go on where segment {number} ends.", 32);
            }
            _segments.Add(new Segment(file.Ends.ToArray()) { File = next });
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

    private sealed class Segment(StreamStart[] starts)
    {
        public readonly StreamStart[] Starts = starts;
        public SegmentFile? File;
        public Manifest.ClosedSegment? Closed;
    }
}

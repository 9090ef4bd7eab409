using Determinism.Log.Killed;

namespace Determinism.Log.Tests.Crashes;

/// <summary>All that was appended to a log, to judge what is read back of it.</summary>
internal sealed class AppendedEvents
{
    private readonly byte[][] _bytes;
    private readonly int[][] _ends;
    private readonly List<(int Event, OrderingConstraint Cause)>[] _causes;

    private AppendedEvents(int streamCount)
    {
        _bytes = new byte[streamCount][];
        _ends = new int[streamCount][];
        _causes = new List<(int, OrderingConstraint)>[streamCount];
    }

    public int StreamCount => _bytes.Length;

    public int EventCount => _ends.Sum(ends => ends.Length - 1);

    public int CauseCount => _causes.Sum(causes => causes.Count);

    public static AppendedEvents Of(IEventLogReader log)
    {
        var all = new AppendedEvents(log.StreamCount);
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            all._bytes[stream] = ReadAll(log, stream);
            all._causes[stream] = [];
            var ends = new List<int> { 0 };
            for (var cursor = new EventCursor(log, stream, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
            {
                foreach (OrderingConstraint cause in cursor.Constraints)
                    all._causes[stream].Add((ends.Count, cause));
                ends.Add((int)cursor.Offset);
            }
            all._ends[stream] = [.. ends];
        }
        return all;
    }

    /// <summary>What a synthetic recording has appended, at the least as much as there is in a log.</summary>
    public static AppendedEvents OfSynthetic(int seed, IEventLogReader log)
    {
        using var memory = new MemoryEventLog(log.StreamCount);
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            var events = new SyntheticStream(seed, stream, log.StreamCount);
            for (long length = 0, there = ReadAll(log, stream).Length; length < there;)
            {
                events.MoveNext();
                length = memory.Append(stream, events.Encoded).Offset;
            }
        }
        return Of(memory);
    }

    /// <summary>How many whole events of each stream there are; null, and why, if they are no prefixes.</summary>
    public int[]? Count(IEventLogReader part, out string fault)
    {
        var counts = new int[StreamCount];
        for (int stream = 0; stream < counts.Length; stream++)
        {
            byte[] read = ReadAll(part, stream);
            if (!_bytes[stream].AsSpan().StartsWith(read))
            {
                fault = $"Stream {stream} is no prefix of what was appended.";
                return null;
            }
            counts[stream] = Array.BinarySearch(_ends[stream], read.Length);
            if (counts[stream] < 0)
            {
                fault = $"Stream {stream} ends within an event.";
                return null;
            }
        }
        fault = "";
        return counts;
    }

    /// <summary>Whether streams of so many events have all their causes.</summary>
    public bool IsClosed(int[] counts)
    {
        int[] closed = [.. counts];
        Close(closed);
        return closed.AsSpan().SequenceEqual(counts);
    }

    /// <summary>Cuts to the largest part that has all its causes.</summary>
    public void Close(int[] counts)
    {
        for (bool isChanged = true; isChanged;)
        {
            isChanged = false;
            for (int stream = 0; stream < counts.Length; stream++)
            {
                foreach ((int number, OrderingConstraint cause) in _causes[stream])
                {
                    if (number > counts[stream])
                        break;
                    if ((long)cause.EventNumber <= counts[cause.Agent])
                        continue;
                    counts[stream] = number - 1;
                    isChanged = true;
                    break;
                }
            }
        }
    }

    /// <summary>Whether all events before a position are in so many.</summary>
    public bool Covers(int[] counts, LogPosition position) =>
        _ends[position.Stream][counts[position.Stream]] >= position.Offset;

    private static byte[] ReadAll(IEventLogReader log, int stream)
    {
        using var all = new MemoryStream();
        for (ReadOnlyMemory<byte> run; !(run = log.ReadEvents(stream, all.Length)).IsEmpty;)
            all.Write(run.Span);
        return all.ToArray();
    }
}

using Determinism.Log.Fuzz;
using Determinism.Log.Tests.SecondReader;
using Determinism.Log.Tests.Support;

namespace Determinism.Log.Tests.Hostile;

/// <summary>A real log, small enough to be read thousands of times in a second.</summary>
internal sealed class SourceLog
{
    public required string Name { get; init; }
    public required SortedDictionary<string, byte[]> Files { get; init; }
    public required LogKeys? Keys { get; init; }
    public required LogModel Model { get; init; }
    public required IReadOnlyList<ulong>[] Digests { get; init; }

    /// <summary>The same few runs, written in every way; and one that was cut short.</summary>
    public static SourceLog[] MakeAll()
    {
        MemoryEventLog[] runs =
        [
            .. new[] { "racy", "devices", "prodcons" }.Select(static guest =>
            {
                var log = new MemoryEventLog(3);
                Machine.Tests.MachineRunner.Record(
                    Recordings.Tiny(guest), new Scheduling.ParallelScheduler(TimeSpan.FromTicks(2_000)), log);
                return log;
            }),
        ];
        var logs = new List<SourceLog>();
        foreach ((string shape, LogWriteOptions options) in Shapes.All)
        {
            MemoryEventLog run = runs[logs.Count % runs.Length];
            logs.Add(Make(shape, run, options, isComplete: true, logs.Count));
        }
        logs.Add(Make("cut short", runs[0], Shapes.All["small segments"], isComplete: false, 7));
        logs.Add(Make("devices, small segments", runs[1], Shapes.All["small segments"], isComplete: true, 8));
        return [.. logs];
    }

    private static SourceLog Make(string name, MemoryEventLog run, LogWriteOptions options, bool isComplete, int seed)
    {
        var storage = new MemoryStorage();
        using (var target = new FileEventLog(storage, run.StreamCount, options))
        {
            Rewrite(run, target, new Random(seed));
            if (isComplete)
                target.Complete();
        }
        SortedDictionary<string, byte[]> files = storage.Copy();
        var second = new SecondLog(files, Secrets.Encryption, Secrets.Chain);
        using var reader = new FileEventLogReader(storage, new LogReadOptions { Keys = options.Keys });
        Assert.Equal(isComplete, reader.IsComplete);
        return new SourceLog
        {
            Name = name, Files = files, Keys = options.Keys, Model = LogModel.Parse(files, second),
            Digests = LogProbe.DigestsOf(reader),
        };
    }

    // The events, committed every few, and of the machine's matter only as much as keeps the log small.
    private static void Rewrite(MemoryEventLog run, FileEventLog target, Random random)
    {
        foreach (BlockKind kind in new[] { BlockKind.Header, BlockKind.Configuration, BlockKind.GuestImage })
        {
            if (run.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                target.AppendBlock(kind, content.Span[..Math.Min(content.Length, 300)]);
        }
        EventDecoder[] decoders = [.. Enumerable.Range(0, run.StreamCount).Select(_ => new EventDecoder(run.StreamCount))];
        var offsets = new long[run.StreamCount];
        while (true)
        {
            int[] left = [.. Enumerable.Range(0, run.StreamCount).Where(stream => !run.ReadEvents(stream, offsets[stream]).IsEmpty)];
            if (left.Length == 0)
                break;
            int stream = left[random.Next(left.Length)];
            ReadOnlySpan<byte> events = run.ReadEvents(stream, offsets[stream]).Span;
            Assert.Equal(ReadStatus.Read, decoders[stream].TryRead(events, out _, out _, out int consumed));
            LogPosition position = target.Append(stream, events[..consumed]);
            offsets[stream] += consumed;
            if (random.Next(20) == 0)
                target.WaitForCommit(position);
        }
        if (run.TryReadBlock(BlockKind.FinalState, out ReadOnlyMemory<byte> end))
            target.AppendBlock(BlockKind.FinalState, end.Span);
    }
}

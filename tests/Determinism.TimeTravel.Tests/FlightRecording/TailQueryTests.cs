using System.Globalization;
using Determinism.Checkpoints;
using Determinism.Debugging;
using Determinism.Emulation.History;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Queries;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.FlightRecording;

/// <summary>What is kept of a recording answers as all of it does; of what was dropped it says that it was.</summary>
public sealed class TailQueryTests(ITestOutputHelper output) : IDisposable
{
    private const int Seed = 7;

    private readonly FlightRun _run = FlightRun.RecordDropped("racy", ClockKind.RetiredInstructions, Recorded.Managed, Seed,
        new FlightRecorderOptions { KeepBytes = 160 << 10, Time = TimeProvider.System }, length: 4);

    [Fact]
    public void Rights_and_order_are_those_of_the_whole_recording()
    {
        using FileEventLogReader log = Open(out LogQueries kept, out Cut start);
        var whole = new LogQueries(_run.Whole);
        var cuts = new LogCuts(log, kept.Checkpoints);
        var random = new Random(Seed);
        ulong[] ends = [.. Enumerable.Range(0, log.StreamCount).Select(agent => CountEvents(log, agent))];
        ulong[] frames = [.. Enumerable.Range(0, log.StreamCount).SelectMany(agent => FramesOf(log, agent)).Distinct()];
        int ordered = 0;
        for (int draw = 0; draw < TestTier.Times(60, 600); draw++)
        {
            EventReference one = Draw(start, ends, random);
            EventReference other = Draw(start, ends, random);
            Assert.Equal(whole.EventsBefore(one), kept.EventsBefore(one));
            IReadOnlyList<EventReference>? order = kept.FindOrder(one, other);
            Assert.Equal(whole.HappensBefore(one, other), order is not null);
            ordered += order is null || one.Agent == other.Agent ? 0 : 1;

            ulong frame = draw % 10 == 0 ? (ulong)random.NextInt64((long)frames.Max()) : frames[random.Next(frames.Length)];
            Cut cut = draw == 0 ? start : cuts.AfterEvent(one.Agent, one.Number);
            Assert.Equal(whole.RightsAt(frame, cut), kept.RightsAt(frame, cut));
        }
        Assert.NotEqual(0, ordered);

        foreach (ulong frame in frames.Take(20))
        {
            OwnershipChange[] expected = [.. whole.OwnershipHistory(frame).Where(one => one.Event.Number > start.Positions[one.Event.Agent].Events)];
            Assert.Equal(expected.OrderBy(ByEvent), kept.OwnershipHistory(frame).OrderBy(ByEvent));
            Assert.Equal(expected.OrderBy(ByEvent), kept.LastOwnershipChanges(frame, ends, int.MaxValue).OrderBy(ByEvent));
        }

        static (int, ulong) ByEvent(OwnershipChange one) => (one.Event.Agent, one.Event.Number);
    }

    [Fact]
    public void What_lies_before_its_beginning_is_refused_by_name()
    {
        using FileEventLogReader log = Open(out LogQueries kept, out Cut start);
        int agent = start.Positions[0].Events > 0 ? 0 : 1;
        var dropped = new EventReference(agent, start.Positions[agent].Events);
        var next = new EventReference(agent, dropped.Number + 1);
        ulong[] before = [.. start.Positions.Select(static one => one.Events)];
        before[agent]--;
        foreach (Action ask in (Action[])
        [
            () => kept.ReadFrom(dropped), () => kept.EventsBefore(dropped), () => kept.FindOrder(dropped, next), () => kept.FindOrder(next, dropped),
            () => kept.RightsAt(0, before), () => kept.LastOwnershipChanges(0, before, 1),
        ])
            Assert.Contains("before the log's start", Assert.ThrowsAny<ArgumentException>(ask).Message, StringComparison.Ordinal);
        Assert.True(kept.ReadFrom(next).MoveToNext());
    }

    [Fact]
    public void Writers_are_the_last_ones_of_all()
    {
        using FileEventLogReader log = Open(out _, out Cut start);
        using var kept = new RecordedHistory(log);
        using var whole = new RecordedHistory(_run.Whole);
        Machine.ElfSymbol counter = kept.Configuration.Image.Symbols.Single(symbol => symbol.Name == "counter");
        (int, ulong, ulong?, ulong)[] found = [.. kept.FindWriters(counter.Address, counter.Bytes).Select(Describe)];
        (int, ulong, ulong?, ulong)[] all = [.. whole.FindWriters(counter.Address, counter.Bytes).Select(Describe)];
        output.WriteLine($"{found.Length} of {all.Length} writes");
        Assert.InRange(found.Length, 1, all.Length - 1);
        Assert.Equal(all.TakeLast(found.Length), found);
        (int agent, ulong number, _, _) = all[^(found.Length + 1)];
        Assert.True(number <= start.Positions[agent].Events);

        kept.Seek(ulong.MaxValue, default);
        Assert.Equal(found[^1], Describe(kept.FindLastWriter(counter.Address, counter.Bytes)!));
        kept.Seek(0, default);
        Assert.Null(kept.FindLastWriter(counter.Address, counter.Bytes));
        kept.SeekEvent(0, 1);
        Assert.Equal(0UL, kept.Position);

        static (int, ulong, ulong?, ulong) Describe(RecordedWrite one) =>
            (one.Agent, one.Event, one.Instruction, BitConverter.ToUInt64([.. one.After.ToArray(), .. new byte[8]]));
    }

    [Fact]
    public void A_debuggers_user_is_told_of_events_from_the_beginning_on()
    {
        using FileEventLogReader log = Open(out LogQueries queries, out Cut start);
        using var history = new RecordedHistory(log);
        ulong before = start.Positions[0].Events;
        // Some may have happened before the first instruction from here; those of before the beginning are not told.
        string[] told = Ask("events", "1000").Split('\n');
        int title = Array.FindIndex(told, line => line.StartsWith("vCPU 0, after event ", StringComparison.Ordinal));
        Assert.True(ulong.Parse(told[title].Split(' ')[^1].TrimEnd(':'), CultureInfo.InvariantCulture) >= before, told[title]);
        Assert.StartsWith($"{before + 1} at ", told[title + 1][2..], StringComparison.Ordinal);
        Assert.StartsWith("Before which event?", Ask("before", "0", $"{before}"), StringComparison.Ordinal);
        Assert.StartsWith($"Before event 0:{before + 1}:", Ask("before", "0", $"{before + 1}"), StringComparison.Ordinal);
        string last = Ask("before");
        Assert.True(last.EndsWith("has had no event yet.\n", StringComparison.Ordinal)
            || last.StartsWith("Before event ", StringComparison.Ordinal), last);
        Assert.Contains($"{queries.Checkpoints.Start!.Number}: {start} (\"monitor seek 0\")", Ask("checkpoints"), StringComparison.Ordinal);
        Assert.StartsWith("vCPU 0: ", Ask("owners", "counter"), StringComparison.Ordinal);

        string Ask(string command, params string[] words) =>
            history.Commands.Single((MonitorCommand one) => one.Name == command).Run(words, CancellationToken.None);
    }

    public void Dispose() => _run.Dispose();

    private FileEventLogReader Open(out LogQueries queries, out Cut start)
    {
        var log = new FileEventLogReader(_run.Path);
        Assert.True(log.IsBeginningDropped);
        queries = new LogQueries(log);
        start = queries.Checkpoints.Start!.Cut;
        return log;
    }

    private static EventReference Draw(Cut start, ulong[] ends, Random random)
    {
        while (true)
        {
            int agent = random.Next(ends.Length);
            ulong first = start.Positions[agent].Events + 1;
            if (first <= ends[agent])
                return new EventReference(agent, (ulong)random.NextInt64((long)first, (long)ends[agent] + 1));
        }
    }

    private static ulong CountEvents(FileEventLogReader log, int agent)
    {
        var cursor = new EventCursor(log, agent, log.StreamCount);
        for (; cursor.MoveToNext(); cursor.Consume())
        {
        }
        return cursor.Consumed;
    }

    private static IEnumerable<ulong> FramesOf(FileEventLogReader log, int agent)
    {
        for (var cursor = new EventCursor(log, agent, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
        {
            if (cursor.Next.Kind is EventKind.Elevation or EventKind.Reduction)
                yield return cursor.Next.Frame;
        }
    }
}

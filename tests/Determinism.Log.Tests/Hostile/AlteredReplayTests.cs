using Determinism.Emulation;
using Determinism.Log.Fuzz;
using Determinism.Log.Tests.SecondReader;
using Determinism.Log.Tests.Support;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Replaying;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Hostile;

/// <summary>A log whose events somebody has changed, with all checksums right, is never replayed to another end: the replay
/// stops with an error, no later than the agent's next digest, or the change meant nothing.</summary>
public class AlteredReplayTests(ITestOutputHelper output)
{
    private const int Seed = 413;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private enum Change
    {
        Byte,
        Number,
        Removed,
        Repeated,
        Replaced,
    }

    [Theory]
    [InlineData("racy")]
    [InlineData("devices")]
    [InlineData("prodcons")]
    public void An_altered_event_stops_the_replay_or_means_nothing(string guest)
    {
        MachineConfiguration configuration = Recordings.Tiny(guest);
        var storage = new MemoryStorage();
        MachineState end;
        using (var log = new CommittingLog(new FileEventLog(storage, 3, new LogWriteOptions()), storage, Seed, 40))
            end = MachineRunner.Record(configuration, MachineRunner.MakeScheduler("chaos", 2), log,
                adjust: static options => options with { DigestInterval = 16 });
        SortedDictionary<string, byte[]> files = storage.Copy();
        var second = new SecondLog(files);
        LogModel model = LogModel.Parse(files, second);
        Assert.Null(end.FindDifference(MachineRunner.Replay(new FileEventLogReader(storage))));

        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        IReadOnlyCollection<Exception> failures = Workers.Run(TestTier.Times(110, 1000), number =>
        {
            var random = new Random((Seed * 7919) + number);
            (int stream, ulong deadline) = Alter(model.Copy(), second, random, out Change change, out var altered);
            string outcome;
            try
            {
                // Nobody waits for a place that no guest comes to in this time.
                outcome = IsFarOff(altered, stream, second) ? "too far off to be run" : Replay(altered, stream, deadline, end);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Change {number} of seed {Seed}, {change} in stream {stream}: {error.Message}", error);
            }
            lock (outcomes)
                outcomes[$"{change}: {outcome}"] = outcomes.GetValueOrDefault($"{change}: {outcome}") + 1;
        });
        output.WriteLine($"seed {Seed}, {guest}, {outcomes.Values.Sum()} altered logs of {second.Events.Sum(static stream => stream.Count)} events");
        foreach ((string outcome, int count) in outcomes)
            output.WriteLine($"{count,6} {outcome}");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Contains(outcomes.Keys, static outcome => outcome.EndsWith(nameof(ReplayDivergenceException), StringComparison.Ordinal));
    }

    // Changes one event; says in which stream, and the number of the first digest that must have seen it.
    private static (int Stream, ulong Deadline) Alter(
        LogModel model, SecondLog log, Random random, out Change change, out SortedDictionary<string, byte[]> files)
    {
        Block[] blocks = [.. log.Blocks.Where(static block => block.Head is { Kind: 2, Events: > 0 })];
        Block block = blocks[random.Next(blocks.Length)];
        ModelBlock target = model.Segments[block.Segment].Blocks[(int)block.Head.Sequence];
        var input = new Input(block.Plain);
        State state = State.Read(input, log.Streams);
        var starts = new List<int>();
        for (uint one = 0; one < block.Head.Events; one++)
        {
            starts.Add(input.At);
            state.Next(input);
        }
        starts.Add(input.At);
        int index = random.Next(starts.Count - 1);
        int other = random.Next(starts.Count - 1);
        byte[] before = block.Plain[..starts[index]], after = block.Plain[starts[index + 1]..];
        byte[] mine = block.Plain[starts[index]..starts[index + 1]];
        change = (Change)random.Next(5);
        target.Store(change switch
        {
            Change.Byte => [.. before, .. ChangeByte(mine, random), .. after],
            Change.Number => [.. before, mine[0], .. RandomNumber(random), .. mine[1..], .. after],
            Change.Removed => [.. before, .. after],
            Change.Repeated => [.. before, .. mine, .. mine, .. after],
            _ => [.. before, .. block.Plain[starts[other]..starts[other + 1]], .. after],
        });
        int difference = change == Change.Removed ? -1 : change == Change.Repeated ? 1 : 0;
        BitConverter.TryWriteBytes(target.Header.AsSpan(28), (int)block.Head.Events + difference);
        files = model.ToFiles(Repairs.All);
        List<LogEvent> events = log.Events[block.Head.Stream];
        return (block.Head.Stream, DeadlineOf(events, FirstOther(files, log.Events[block.Head.Stream], block.Head.Stream), change));
    }

    private static bool IsFarOff(SortedDictionary<string, byte[]> files, int stream, SecondLog recorded)
    {
        ulong far = 2 * recorded.Events.SelectMany(static events => events).Max(static one => Math.Max(one.Count, one.Exit));
        using var log = new FileEventLogReader(new MemoryStorage(files));
        EventCursor cursor = log.OpenStream(stream);
        try
        {
            for (; cursor.MoveToNext(); cursor.Consume())
            {
                if (cursor.Next.Position > far)
                    return true;
            }
        }
        catch (LogDamagedException)
        {
            // The events before it are all there are.
        }
        return false;
    }

    // The first event that says another thing; of what it waits for nobody can tell until it matters.
    private static int FirstOther(SortedDictionary<string, byte[]> files, List<LogEvent> events, int stream)
    {
        using var log = new FileEventLogReader(new MemoryStorage(files));
        EventCursor cursor = log.OpenStream(stream);
        int index = 0;
        try
        {
            for (; index < events.Count && cursor.MoveToNext() && Agreement.IsAlike(cursor, events[index]); index++)
                cursor.Consume();
        }
        catch (LogDamagedException)
        {
            // That is where the replay stops too.
        }
        return index;
    }

    // The number of the first digest that must have seen it; that at the same place cannot know of it yet.
    private static ulong DeadlineOf(List<LogEvent> events, int altered, Change change)
    {
        if (altered >= events.Count)
            return ulong.MaxValue;
        LogEvent at = events[altered];
        int digest = events.FindIndex(altered, one => one.What == What.Digest && (one.Count, one.Exit) != (at.Count, at.Exit));
        // A digest that was removed itself, or moved by one, is followed by the next one, or by the end.
        if (digest >= 0 && change is not (Change.Byte or Change.Number))
            digest = events.FindIndex(digest + 1, static one => one.What == What.Digest);
        return (ulong)(digest < 0 ? events.Count : digest) + 1;
    }

    private static byte[] ChangeByte(byte[] bytes, Random random)
    {
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private static byte[] RandomNumber(Random random)
    {
        var number = new List<byte>();
        ulong value = (ulong)random.NextInt64() >> random.Next(63);
        for (; value >= 0x80; value >>= 7)
            number.Add((byte)(value | 0x80));
        return [.. number, (byte)value];
    }

    private static bool IsPastTheEnd(GuestMachine machine, MachineState end) => Enumerable.Range(0, end.Points.Count)
        .Any(vcpu => machine.Processors.ReadPoint(vcpu).Count > end.Points[vcpu].Count);

    private static string Replay(SortedDictionary<string, byte[]> files, int stream, ulong deadline, MachineState end)
    {
        GuestMachine? machine = null;
        ReplaySession? session = null;
        try
        {
            using var log = new FileEventLogReader(new MemoryStorage(files));
            machine = new GuestMachine(MachineConfiguration.ReadFrom(log), new ManagedBackend(),
                new MachineSurroundings { Time = TimeProvider.System, TimeLimit = s_patience, Entropy = static () => 0 });
            session = MachineRuns.StartReplay(machine, log);
            machine.Run(session);
            string? difference = end.FindDifference(MachineState.Capture(machine));
            Assert.True(difference is null, $"The replay came to another end without an error: {difference}");
            return "identical end";
        }
        catch (StuckGuestException) when (IsPastTheEnd(machine!, end))
        {
            // The log says that something happens at an exit that does not come, and the guest waits for it in a loop.
            return "stopped by the watchdog, past the recorded end";
        }
        catch (DeterminismException error) when (error is not StuckGuestException)
        {
            // Where another agent's order was given away, it may be that one that sees it.
            ulong seen = error is ReplayDivergenceException { Report: { } report }
                ? report.Agent == stream ? report.EventNumber : 0
                : error is ReplayDeadlockException ? 0
                : (session?.Agent(stream).CompletedEvents ?? 0);
            Assert.True(seen <= deadline, $"Seen at event {seen} only, and event {deadline} was a digest: {error.Message}");
            return error.GetType().Name;
        }
        finally
        {
            session?.Dispose();
            machine?.Dispose();
        }
    }
}

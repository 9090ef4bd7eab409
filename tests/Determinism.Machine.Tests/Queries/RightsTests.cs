using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Log;
using Determinism.Queries;

namespace Determinism.Machine.Tests.Queries;

/// <summary>What a log says of rights, against the rights of a straight replay that stands at the same cut.</summary>
public class RightsTests
{
    private const int Seed = 20261129;

    [Theory]
    [InlineData("racy", "chaos", ClockKind.RetiredInstructions, 0)]
    [InlineData("racy", "chaos", ClockKind.SoftwareCounter, 40)]
    [InlineData("devices", "chaos", ClockKind.RetiredInstructions, 60)]
    [InlineData("racy", "turns", ClockKind.RetiredInstructions, 100)]
    [InlineData("racy", "turns", ClockKind.SoftwareCounter, 0)]
    [InlineData("racy", "serial", ClockKind.RetiredInstructions, 0)]
    [InlineData("prodcons", "serial", ClockKind.SoftwareCounter, 5)]
    public void At_random_cuts_the_rights_are_those_of_a_replay(string guest, string scheduler, ClockKind clock, long checkpoints)
    {
        (MemoryEventLog log, MachineShape shape) = Record(guest, scheduler, clock, checkpoints);
        var queries = new LogQueries(log);
        // A serialised recording has few events.
        if (scheduler != "serial")
            Assert.Equal(checkpoints > 0, queries.Checkpoints.All.Count > 0);
        Assert.Null(FindDifference(log, shape, queries, static cut => [.. cut.Positions.Select(static one => one.Events)]));
        // In a serialised recording nothing but the whole machine changes hands; side by side it never does.
        if (scheduler != "turns")
            Assert.All(queries.OwnershipHistory(0), one => Assert.Equal(scheduler == "serial", one.IsWholeMachine));
        if (scheduler == "serial")
            Assert.NotEmpty(queries.OwnershipHistory(0));
    }

    [Fact]
    public void An_event_too_few_is_found()
    {
        (MemoryEventLog log, MachineShape shape) = Record("racy", "chaos", ClockKind.RetiredInstructions, 40);
        Assert.NotNull(FindDifference(log, shape, new LogQueries(log), static cut => [.. cut.Positions.Select(static one => Math.Max(one.Events, 1) - 1)]));
    }

    private static (MemoryEventLog Log, MachineShape Shape) Record(string guest, string scheduler, ClockKind clock, long checkpoints)
    {
        MachineConfiguration configuration = MachineRunner.Configure(guest, 3, clock);
        if (guest != "devices")
            configuration = configuration with { Parameters = guest == "racy" ? [200, 8] : [60] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        TimeProvider time = MachineRunner.TimeOf(scheduler);
        using Recording.RecordingSession session = MachineRuns.StartRecording(machine, log, MachineRunner.MakeScheduler(scheduler, 3), time, options => options with
        {
            AnswerTimeout = time is HurriedTime ? TimeSpan.FromDays(1) : options.AnswerTimeout,
            Checkpoints = checkpoints == 0 ? null : new CheckpointOptions { State = machine, Events = checkpoints },
        });
        machine.Run(session);
        return (log, configuration.Shape);
    }

    private static string? FindDifference(MemoryEventLog log, MachineShape shape, LogQueries queries, Func<Cut, ulong[]> instantOf)
    {
        var random = new Random(Seed);
        ulong[] frames = [.. Enumerable.Range(0, shape.AgentCount).SelectMany(agent => FramesOf(log, agent)).Distinct()];
        using var travel = new TimeTravel(log, new ManagedBackend(), TimeProvider.System);
        foreach (Cut cut in DrawCuts(log, travel.Cuts, random, TestTier.Times(12, 120)))
        {
            travel.GoTo(cut);
            for (int draw = 0; draw < 12; draw++)
            {
                ulong frame = draw == 0 ? shape.FrameCount - 1 : draw == 1 ? (ulong)random.NextInt64((long)shape.FrameCount) : frames[random.Next(frames.Length)];
                AccessRight[] expected = [.. Enumerable.Range(0, shape.AgentCount).Select(agent => Effective(travel, agent, frame, shape.FrameCount - 1))];
                IReadOnlyList<AccessRight> answer = queries.RightsAt(frame, instantOf(cut));
                if (!answer.SequenceEqual(expected))
                    return $"frame 0x{frame:x} at {cut}: {string.Join(" ", answer)} instead of {string.Join(" ", expected)}";
            }
        }
        return null;
    }

    /// <summary>Who has the last frame, the baton, alone may do all, and the others nothing.</summary>
    private static AccessRight Effective(TimeTravel travel, int agent, ulong frame, ulong baton) => travel.RightOf(agent, baton) switch
    {
        AccessRight.Read => travel.RightOf(agent, frame),
        AccessRight all => all,
    };

    /// <summary>In the order of time, so that no journey begins anew.</summary>
    private static List<Cut> DrawCuts(MemoryEventLog log, LogCuts cuts, Random random, int count) =>
        Enumerable.Range(0, count).Select(_ =>
        {
            int agent = random.Next(log.StreamCount);
            return cuts.AfterEvent(agent, (ulong)random.Next(CountEvents(log, agent) + 1));
        }).OrderBy(static cut => cut.EventCount).ToList();

    private static int CountEvents(MemoryEventLog log, int agent)
    {
        var cursor = new EventCursor(log, agent, log.StreamCount);
        for (; cursor.MoveToNext(); cursor.Consume())
        {
        }
        return (int)cursor.Consumed;
    }

    private static IEnumerable<ulong> FramesOf(MemoryEventLog log, int agent)
    {
        for (var cursor = new EventCursor(log, agent, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
        {
            if (cursor.Next.Kind is EventKind.Elevation or EventKind.Reduction)
                yield return cursor.Next.Frame;
        }
    }
}

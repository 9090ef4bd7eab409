using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Replaying;
using Determinism.Tests.Oracle;
using Determinism.Tests.Ownership;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>Right changes of one place that a replay makes together: nobody stands or ends with any of them to come, and nobody
/// waits for one that has happened.</summary>
public class TogetherTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rights_are_effective_wherever_the_machine_stands(bool hasEvents)
    {
        for (ulong seed = 1; seed <= 12; seed++)
        {
            ScriptedRun run = Make(seed, hasEvents);
            using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
            Outcome recorded = run.Record(log);
            Outcome replayed = ReplayByCuts(run, log, seed);
            Assert.Empty(replayed.Violations);
            Assert.Equal(recorded.Fingerprint, replayed.Fingerprint);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_log_that_breaks_off_is_replayed_as_far_as_it_goes(int clock)
    {
        for (ulong seed = 1; seed <= 12; seed++)
        {
            ScriptedRun run = Make(seed, hasEvents: seed % 2 == 0);
            using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
            run.Record(log);
            DecodedEvent[][] whole = DecodedLog.Read(log);
            var random = new SplitMix(seed);
            for (int time = 0; time < 8; time++)
            {
                int[] counts = [.. whole.Select(stream => random.Below(stream.Length + 1))];
                if (time > 0)
                    Close(whole, counts);
                using MemoryEventLog part = DecodedLog.Write([.. whole.Select((stream, agent) => stream[..counts[agent]])], log, isComplete: false);
                (Outcome replayed, DeterminismException? failure, ReplaySession session) = Replay(run, part, clock switch { 0 => null, 1 => TimeProvider.System, _ => new ManualTime() });
                Assert.Empty(replayed.Violations);
                if (IsClosed(whole, counts))
                {
                    Assert.Null(failure);
                    for (int agent = 0; agent < counts.Length; agent++)
                        Assert.Equal((ulong)counts[agent], session.Agent(agent).CompletedEvents);
                }
                else
                    Assert.IsType<ReplayDeadlockException>(failure);
            }
        }
    }

    private static ScriptedRun Make(ulong seed, bool hasEvents) =>
        new(new ProgramShape { Seed = seed, HotFrames = 24, AreNeighbours = true, HasEvents = hasEvents })
        {
            Clock = ClockKind.SoftwareCounter, Scheduler = SchedulerKind.Around, Seed = seed,
        };

    private static (Outcome, DeterminismException?, ReplaySession) Replay(ScriptedRun run, IEventLogReader log, TimeProvider? time)
    {
        var machine = new ScriptedMachine(run.Program, run.Clock, null, null, 3);
        ReplaySession session = ReplaySession.Start(machine.Backend, log, new ReplayOptions { Guest = "script", InitialState = 0, Time = time });
        Outcome outcome = machine.Run(session);
        DeterminismException? failure = null;
        try
        {
            session.Complete();
        }
        catch (DeterminismException error)
        {
            failure = error;
        }
        return (outcome, failure, session);
    }

    private static Outcome ReplayByCuts(ScriptedRun run, MemoryEventLog log, ulong seed)
    {
        var cuts = new LogCuts(log, LogCheckpoints.ReadFrom(log));
        DecodedEvent[][] streams = DecodedLog.Read(log);
        var random = new SplitMix(seed);
        var machine = new ScriptedMachine(run.Program, run.Clock, null, null, 3);
        ReplaySession session = ReplaySession.Start(machine.Backend, log,
            new ReplayOptions { Guest = "script", InitialState = 0, Until = cuts.Start });
        Task<Outcome> runs = Task.Run(() => machine.Run(session));
        Cut now = cuts.Start;
        ulong[] frames = [.. streams.SelectMany(stream => stream).Where(one => one.Event.Kind is EventKind.Elevation or EventKind.Reduction)
            .Select(one => one.Event.Frame).Where(frame => frame < session.Shape.RamFrameCount).Distinct()];
        int stood = 0;
        for (int step = 0; step < 400; step++)
        {
            int agent = random.Below(streams.Length);
            ulong at = now.Positions[agent].Events;
            if (at >= (ulong)streams[agent].Length)
                continue;
            Cut next = cuts.AfterEvent(agent, Math.Min(at + 1 + (ulong)random.Below(3), (ulong)streams[agent].Length));
            if (random.Below(3) == 0 && agent < session.Shape.VcpuCount)
                next = cuts.IntervalAfter(agent, next.Positions[agent].Events).End ?? next;
            // Closed are both, and so is the later of both.
            next = new Cut([.. next.Positions.Zip(now.Positions, static (one, other) => one.Events > other.Events || (one.Events == other.Events && one.IsBeforeNext) ? one : other)]);
            session.GoTo(next);
            Assert.True(Task.Run(session.WaitForCut).WaitAsync(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult(), "Nobody stands.");
            stood++;
            now = next;
            for (int vcpu = 0; vcpu < session.Shape.VcpuCount; vcpu++)
            {
                Assert.True(next.Positions[vcpu].Events == session.Agent(vcpu).CompletedEvents);
                foreach (ulong frame in frames)
                    Assert.Equal(session.RightOf(vcpu, frame), machine.Backend.Rights.Get(vcpu, frame));
            }
        }
        Assert.True(stood > 3, $"It stood {stood} times.");
        session.GoToEnd();
        Outcome outcome = runs.GetAwaiter().GetResult();
        session.Complete();
        return outcome;
    }

    private static bool IsClosed(DecodedEvent[][] whole, int[] counts)
    {
        for (int agent = 0; agent < counts.Length; agent++)
        {
            foreach (DecodedEvent one in whole[agent][..counts[agent]])
            {
                if (Array.Exists(one.Constraints, constraint => constraint.EventNumber > (ulong)counts[constraint.Agent]))
                    return false;
            }
        }
        return true;
    }

    private static void Close(DecodedEvent[][] whole, int[] counts)
    {
        while (!IsClosed(whole, counts))
        {
            for (int agent = 0; agent < counts.Length; agent++)
            {
                int first = Array.FindIndex(whole[agent], one => Array.Exists(one.Constraints,
                    constraint => constraint.EventNumber > (ulong)counts[constraint.Agent]));
                if (first >= 0)
                    counts[agent] = Math.Min(counts[agent], first);
            }
        }
    }
}

using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>Draws targets in a recording, and takes the states of straight replays there: many targets a replay.</summary>
internal static class StraightStates
{
    private const int Candidates = 400;
    private const int LongestDistance = 2000;

    /// <param name="recorded">The recording.</param>
    /// <param name="passes">Number of replays.</param>
    /// <param name="random">Draws.</param>
    public static List<Target> Collect(Recorded recorded, int passes, Random random)
    {
        var targets = new List<Target>();
        var polls = new List<Target>();
        for (int pass = 0; pass < passes; pass++)
        {
            using var straight = new StraightReplay(recorded);
            Cut? here = null;
            foreach (Target drawn in Enumerable.Range(0, Candidates / passes).Select(_ => Draw(recorded, random))
                .Concat(polls).OrderBy(static one => one.Cut.EventCount))
            {
                if (here is not null && !here.IsWithin(drawn.Cut))
                    continue;
                Target target = Visit(straight, drawn);
                here = target.Last;
                targets.Add(target);
                if (FindPoll(recorded, straight, target, random) is { } poll)
                    polls.Add(poll);
            }
            // For the next replay: this one has not stopped there.
            polls.RemoveAll(one => targets.Exists(known => known.Cut.IsSame(one.Cut)));
        }
        return targets;
    }

    /// <summary>Takes a straight replay to a target, and the state there.</summary>
    public static Target Visit(StraightReplay straight, Target drawn)
    {
        straight.GoTo(drawn.Cut);
        drawn = drawn with { Count = straight.Machine.Processors.Registers(drawn.Instruction?.Vcpu ?? 0).Gpr[15] };
        if (drawn.Instruction is { Instructions: > 0 } point && drawn.Interval!.End is not null)
        {
            // As far as the interval goes.
            ulong left = straight.Step(point.Vcpu, point.Instructions, drawn.Interval);
            point = point with { Instructions = point.Instructions - left };
            drawn = drawn with { Name = point.ToString(), Instruction = point };
        }
        return drawn with { State = StateDigest.Of(straight.Machine) };
    }

    /// <summary>A target behind a poll that a vCPU has passed since its last event.</summary>
    private static Target? FindPoll(Recorded recorded, StraightReplay straight, Target target, Random random)
    {
        if (recorded.Configuration.Clock != ClockKind.SoftwareCounter || target.Interval?.End is null
            || target.Instruction is not { Poll: 0 } point)
            return null;
        ulong last = straight.Machine.Processors.Registers(point.Vcpu).Gpr[15];
        if (last == target.Count)
            return null;
        ulong poll = target.Count + 1 + (ulong)random.NextInt64((long)(last - target.Count));
        EventInterval interval = recorded.Cuts.FromPoll(target.Interval, point.Vcpu, poll);
        point = point with { Poll = poll, Instructions = (ulong)random.Next(100) };
        return new Target { Name = point.ToString(), Cut = interval.Start, Interval = interval, Instruction = point };
    }

    private static Target Draw(Recorded recorded, Random random)
    {
        int vcpus = recorded.Configuration.VcpuCount;
        int agent = random.Next(recorded.Events.Length);
        ulong number = (ulong)random.NextInt64((long)recorded.Events[agent] + 1);
        int kind = random.Next(3);
        if (kind == 0 && agent < vcpus && recorded.Cuts.HasCounts)
        {
            ulong count = (ulong)random.NextInt64((long)LastCount(recorded.Log, agent) + 2);
            return new Target { Name = $"count {count} of vCPU {agent}", Cut = recorded.Cuts.AtCount(agent, count) };
        }
        if (kind < 2 && agent < vcpus)
        {
            EventInterval interval = recorded.Cuts.IntervalAfter(agent, number);
            var point = new InstructionPoint(agent, interval.Start.Positions[agent].Events, (ulong)random.Next(random.Next(1, LongestDistance)));
            return new Target
            {
                Name = point.ToString(), Cut = interval.Start, Interval = interval,
                Instruction = interval.End is null ? point with { Instructions = 0 } : point,
            };
        }
        return new Target { Name = $"event {number} of agent {agent}", Cut = recorded.Cuts.AfterEvent(agent, number) };
    }

    private static ulong LastCount(MemoryEventLog log, int vcpu)
    {
        ulong last = 0;
        for (var cursor = new EventCursor(log, vcpu, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
            last = Math.Max(last, cursor.Next.Position);
        return last;
    }
}

using Determinism.Log;
using Determinism.Tests.Oracle;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Planted;

/// <summary>A log that is not what was recorded: replay stops, and never goes another way in silence.</summary>
public class DamagedLogTests
{
    private static readonly ScriptedRun s_run = new(new ProgramShape
    {
        Seed = 5, Vcpus = 3, Ops = 25, HotFrames = 2, WritePercent = 50,
    })
    {
        Seed = 5, Hazards = new Hazards { YieldOneIn = 2 }, Seconds = 30,
    };

    public static TheoryData<ClockKind> Clocks => new(ClockKind.RetiredInstructions, ClockKind.SoftwareCounter);

    [Theory]
    [MemberData(nameof(Clocks))]
    public void An_untouched_copy_replays(ClockKind clock)
    {
        ScriptedRun run = s_run with { Clock = clock };
        Outcome recorded = Record(run, out MemoryEventLog log);
        using MemoryEventLog copy = DecodedLog.Write(DecodedLog.Read(log), log);
        Assert.Equal(recorded.Fingerprint, run.Replay(copy).Fingerprint);
    }

    [Theory]
    [MemberData(nameof(Clocks))]
    public void Two_events_swapped_are_found_wherever_they_are(ClockKind clock)
    {
        ForEachEvent(clock, (streams, agent, index) =>
        {
            if (index + 1 == streams[agent].Length || IsSame(streams[agent][index], streams[agent][index + 1]))
                return false;
            (streams[agent][index], streams[agent][index + 1]) = (streams[agent][index + 1], streams[agent][index]);
            return true;
        });
    }

    [Theory]
    [MemberData(nameof(Clocks))]
    public void An_event_left_out_is_found_wherever_it_is(ClockKind clock) =>
        ForEachEvent(clock, (streams, agent, index) =>
        {
            streams[agent] = [.. streams[agent].Where((_, at) => at != index)];
            // Without its End a stream only breaks off, which is not damage.
            return index + 1 < streams[agent].Length;
        });

    [Theory]
    [MemberData(nameof(Clocks))]
    public void A_tail_cut_off_is_never_taken_for_the_whole(ClockKind clock)
    {
        ScriptedRun run = s_run with { Clock = clock };
        Record(run, out MemoryEventLog log);
        DecodedEvent[][] whole = DecodedLog.Read(log);
        for (int agent = 0; agent < whole.Length; agent++)
        {
            for (int kept = 0; kept < whole[agent].Length; kept += 7)
            {
                DecodedEvent[][] streams = [.. whole];
                streams[agent] = whole[agent][..kept];
                using MemoryEventLog cut = DecodedLog.Write(streams, log);
                Outcome outcome = run.TryReplay(cut);
                Assert.True(outcome.Failure is ReplayDeadlockException || (outcome.Failure is null && !outcome.ReachedEveryEnd),
                    $"Agent {agent} cut after {kept} events: {outcome.Failure}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Clocks))]
    public void A_stream_torn_inside_an_event_is_damaged(ClockKind clock)
    {
        ScriptedRun run = s_run with { Clock = clock };
        Record(run, out MemoryEventLog log);
        using var torn = new MemoryEventLog(log.StreamCount);
        Assert.True(log.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header));
        torn.AppendBlock(BlockKind.Header, header.Span);
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            ReadOnlyMemory<byte> events = log.ReadEvents(stream, 0);
            // An End takes two bytes at least.
            torn.Append(stream, events.Span[..^(stream == 0 ? 1 : 0)]);
        }
        var damage = Assert.IsType<LogDamagedException>(run.TryReplay(torn).Failure);
        Assert.True(damage.Offset >= 0, "The damage has an offset.");
    }

    [Fact]
    public void An_input_given_to_another_vCPU_is_found()
    {
        Record(s_run, out MemoryEventLog log);
        DecodedEvent[][] streams = DecodedLog.Read(log);
        int[] at = [.. streams.Take(2).Select(stream => Array.FindIndex(stream,
            one => one.Event is { Kind: EventKind.Input, HasBytes: false }))];
        DecodedEvent first = streams[0][at[0]];
        DecodedEvent second = streams[1][at[1]];
        streams[0][at[0]] = first with { Event = first.Event with { Value = second.Event.Value } };
        streams[1][at[1]] = second with { Event = second.Event with { Value = first.Event.Value } };
        using MemoryEventLog swapped = DecodedLog.Write(streams, log);
        Assert.IsType<ReplayDivergenceException>(s_run.TryReplay(swapped).Failure);
    }

    [Fact]
    public void A_ring_of_constraints_is_found_and_named()
    {
        Record(s_run, out MemoryEventLog log);
        DecodedEvent[][] streams = DecodedLog.Read(log);
        for (int agent = 0; agent < 2; agent++)
        {
            int last = Array.FindLastIndex(streams[agent], one => one.Event.Kind == EventKind.Elevation);
            streams[agent][last] = streams[agent][last] with
            {
                Constraints = [new OrderingConstraint(1 - agent, (ulong)streams[1 - agent].Length)],
            };
        }
        Assert.NotEqual("", new HappensBefore(streams).Cycle);
        using MemoryEventLog ring = DecodedLog.Write(streams, log);
        var deadlock = Assert.IsType<ReplayDeadlockException>(s_run.TryReplay(ring).Failure);
        Assert.Contains("ring", deadlock.Message, StringComparison.Ordinal);
        Assert.Contains("agent 0", deadlock.Message, StringComparison.Ordinal);
        Assert.Contains("agent 1", deadlock.Message, StringComparison.Ordinal);
    }

    private static void ForEachEvent(ClockKind clock, Func<DecodedEvent[][], int, int, bool> damage)
    {
        ScriptedRun run = s_run with { Clock = clock };
        Outcome recorded = Record(run, out MemoryEventLog log);
        DecodedEvent[][] whole = DecodedLog.Read(log);
        int tried = 0;
        for (int agent = 0; agent < whole.Length; agent++)
        {
            for (int index = 0; index < whole[agent].Length; index += TestTier.Times(3, 1))
            {
                DecodedEvent[][] streams = [.. whole.Select(stream => stream.ToArray())];
                if (!damage(streams, agent, index))
                    continue;
                tried++;
                using MemoryEventLog damaged = DecodedLog.Write(streams, log);
                Outcome outcome = run.TryReplay(damaged);
                Assert.True(outcome.Failure is not null,
                    $"Agent {agent} event {index + 1} ({EventText.Describe(whole[agent][index].Event)}): not found"
                    + (outcome.Fingerprint == recorded.Fingerprint ? "." : ", and another end."));
            }
        }
        Assert.True(tried > 20, "Too few events to tell anything.");
    }

    private static bool IsSame(DecodedEvent one, DecodedEvent other) =>
        one.Event.Kind == other.Event.Kind && one.Event.Frame == other.Event.Frame && one.Event.Value == other.Event.Value;

    private static Outcome Record(ScriptedRun run, out MemoryEventLog log)
    {
        log = new MemoryEventLog(run.Program.Shape.AgentCount);
        return run.Record(log);
    }
}

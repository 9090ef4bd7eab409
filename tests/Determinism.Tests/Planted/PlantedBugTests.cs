using Determinism.Tests.Scripted;

namespace Determinism.Tests.Planted;

/// <summary>A detector that has never seen a bug may be blind: each of these bugs is planted into the production classes
/// and must be found, by the laws' monitors or by replay; the same runs without it must be clean.</summary>
public class PlantedBugTests
{
    private static readonly ProgramShape s_contended = new()
    {
        Vcpus = 4, Ops = 25, Rounds = 2, HotFrames = 3, PageShift = 12, MemoryBytes = 1 << 18, WritePercent = 50,
        HasEvents = false,
    };

    [Fact]
    public void A_skipped_reduction_breaks_exclusion() =>
        MustBeFound(Plant.SkipReduction, Finding.Exclusion);

    [Fact]
    public void An_elevation_before_its_reduction_breaks_exclusion() =>
        MustBeFound(Plant.ElevateFirst, Finding.Exclusion);

    [Fact]
    public void A_lost_constraint_leaves_a_pair_unordered() =>
        MustBeFound(Plant.LoseConstraint, Finding.Order);

    [Fact]
    public void A_lost_constraint_stops_the_replay() =>
        MustBeFound(Plant.LoseConstraint, Finding.ReplayStopped);

    [Fact]
    public void A_write_that_forgets_its_readers_is_not_ordered_after_them() =>
        MustBeFound(Plant.ForgetReaders, Finding.Order);

    [Fact]
    public void A_constraint_to_an_earlier_event_leaves_a_pair_unordered() =>
        MustBeFound(Plant.ConstraintToEarlierEvent, Finding.Order);

    [Fact]
    public void A_clock_newer_than_its_event_drops_a_constraint_that_was_needed() =>
        MustBeFound(Plant.JoinNewerClock, Finding.Order);

    [Fact]
    public void A_reduction_of_constraints_that_takes_too_much_leaves_a_pair_unordered() =>
        MustBeFound(Plant.ReduceNeededConstraint, Finding.Order);

    [Fact]
    public void A_holder_forgotten_when_it_ends_leaves_a_pair_unordered() =>
        MustBeFound(Plant.ForgetHolderAtEnd, Finding.Order);

    [Fact]
    public void A_holder_forgotten_when_its_span_closes_leaves_a_pair_unordered() =>
        MustBeFound(Plant.ForgetHolderAtSpanEnd, Finding.Order, s_contended with { HasEvents = true });

    [Fact]
    public void A_right_taken_from_a_running_agent_falls_between_its_check_and_its_access() =>
        MustBeFound(Plant.ReduceRunning, Finding.Exclusion, hazards: new Hazards { YieldOneIn = 1 });

    [Fact]
    public void A_reduction_at_an_exit_of_the_host_cannot_be_replayed_by_protection() =>
        MustBeFound(Plant.ServeAtHostExit, Finding.ReplayStopped, clock: ClockKind.SoftwareCounter,
            hazards: new Hazards { HostExitOneIn = 2 });

    [Fact]
    public void Pins_dropped_early_let_an_instruction_fault_again_and_again() =>
        MustBeFound(Plant.DropPinsEarly, Finding.Progress);

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void A_place_off_by_one_stops_the_replay(ClockKind clock) =>
        MustBeFound(Plant.PointOffByOne, Finding.ReplayStopped, clock: clock);

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void An_interrupt_one_instruction_late_stops_the_replay(ClockKind clock) =>
        MustBeFound(Plant.InterruptLate, Finding.ReplayStopped, s_contended with { HasEvents = true }, clock: clock);

    [Fact]
    public void Inputs_swapped_between_vCPUs_stop_the_replay() =>
        MustBeFound(Plant.SwapInput, Finding.ReplayStopped, s_contended with { HasEvents = true });

    /// <summary>What is racy is looked for in one schedule after the other, up to a bound.</summary>
    private static void MustBeFound(Plant plant, Finding expected, ProgramShape? shape = null, Hazards? hazards = null,
        ClockKind clock = ClockKind.RetiredInstructions)
    {
        Finding all = Finding.None;
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var run = new ScriptedRun((shape ?? s_contended) with { Seed = seed })
            {
                Seed = seed,
                Clock = clock,
                Scheduler = seed % 2 == 0 ? SchedulerKind.Greedy : SchedulerKind.Chaos,
                Hazards = (hazards ?? new Hazards { YieldOneIn = 3 }) with { Seed = seed },
                AnswerTimeout = TimeSpan.FromSeconds(10),
            };
            Finding clean = Judge.Of(run);
            Assert.True(clean == Finding.None, $"Seed {seed} without the bug: {clean}.");
            Finding found = Judge.Of(run with { Plant = plant, Seconds = 30 });
            // Two last writes without an order: no agent looks at the word again, and only the order's monitor can tell.
            bool isToldByOrder = plant is Plant.ForgetHolderAtEnd && found.HasFlag(Finding.Order);
            Assert.False(found.HasFlag(Finding.Silent) && plant is not Plant.SwapInput && !isToldByOrder,
                $"Seed {seed}: replay came to another end without noticing.");
            if (found.HasFlag(expected))
                return;
            all |= found;
        }
        Assert.Fail($"{plant} was never found by {expected}; found: {all}.");
    }
}

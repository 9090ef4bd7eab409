using Determinism.Model.Tests.Checking;
using Determinism.Model.Tests.Handover;
using Xunit;
using Xunit.Abstractions;
using static Determinism.Model.Tests.Handover.Instruction;

namespace Determinism.Model.Tests;

/// <summary>Each rule of the protocol is there because its absence shows here.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output) : ModelFact(output)
{
    [Fact]
    public void A_skipped_reduction_breaks_exclusion() =>
        Breaks(Flaw.ReductionSkipped, ViolationKind.Exclusion, Workloads.Forever(2, Write0));

    [Fact]
    public void An_elevation_before_the_reduction_breaks_exclusion() =>
        Breaks(Flaw.ElevationBeforeReduction, ViolationKind.Exclusion, Workloads.Forever(2, Write0));

    [Fact]
    public void A_lost_constraint_breaks_order() =>
        Breaks(Flaw.ConstraintLost, ViolationKind.Order, Workloads.Forever(2, Write0), order: true);

    [Fact]
    public void Forgotten_last_readers_break_order() =>
        Breaks(Flaw.ReadersForgotten, ViolationKind.Order, Workloads.Forever(2, Read0, Write0), order: true);

    [Fact]
    public void A_constraint_to_an_earlier_event_breaks_order() =>
        Breaks(Flaw.ConstraintToEarlierEvent, ViolationKind.Order, Workloads.Forever(2, Write0), order: true);

    [Fact]
    public void A_clock_newer_than_its_event_drops_a_needed_constraint() =>
        Breaks(
            Flaw.ClockNewerThanEvent,
            ViolationKind.Order,
            [
                Program.Of(Ending.End, Read0, Write1),
                Program.Of(Ending.End, Read0, Read1),
                Program.Of(Ending.End, Write0, Read1),
            ],
            order: true);

    [Fact]
    public void A_source_held_to_be_known_for_ever_drops_a_needed_constraint() =>
        Breaks(Flaw.SourceSeenBefore, ViolationKind.Order, Workloads.Forever(2, Write0), order: true);

    [Fact]
    public void Constraints_written_without_reduction_are_not_economical() =>
        Breaks(
            Flaw.EconomySkipped,
            ViolationKind.Economy,
            [Workloads.Once(Write0), Workloads.Once(Read0), Workloads.Once(Write0)],
            order: true);

    [Fact]
    public void Requests_served_at_a_host_exit_leave_no_point_to_name() =>
        Breaks(Flaw.ServedAtHostExit, ViolationKind.PointNotNameable, Workloads.Forever(2, Write0));

    [Fact]
    public void A_holder_forgotten_when_it_ends_breaks_order() =>
        Breaks(Flaw.GoneForgotten, ViolationKind.Order, [Workloads.Once(Read0), Workloads.Once(Write0)], order: true);

    [Fact]
    public void A_parked_holder_reduced_without_a_claim_loses_its_right_between_check_and_access() =>
        Breaks(Flaw.NoClaim, ViolationKind.AccessWithoutRight, Workloads.Forever(2, Write0, Write1));

    [Fact]
    public void A_state_word_read_before_asked_is_visible_loses_the_request() =>
        Breaks(Flaw.NoFenceAfterAsk, ViolationKind.Starvation, SpinAfterWrite());

    [Fact]
    public void A_look_at_asked_before_running_is_published_loses_the_request() =>
        Breaks(Flaw.LookBeforeUnpark, ViolationKind.Starvation, SpinAfterWrite());

    [Fact]
    public void Pins_dropped_before_the_instruction_retires_end_in_livelock() =>
        Breaks(Flaw.PinsDroppedAtUnpark, ViolationKind.Starvation, Workloads.Forever(2, Write0));

    [Fact]
    public void Pins_dropped_before_the_instruction_retires_exceed_the_bound_on_faults() =>
        Breaks(Flaw.PinsDroppedAtUnpark, ViolationKind.FaultBound, Workloads.Forever(2, Write0));

    [Fact]
    public void Frames_acquired_out_of_order_deadlock() =>
        Breaks(
            Flaw.FramesOutOfOrder,
            ViolationKind.Deadlock,
            [Program.Of(Ending.End, Write0Write1), Program.Of(Ending.End, Write0Write1), Program.Of(Ending.End, Write1)]);

    [Fact]
    public void Held_frames_pinned_before_their_turn_deadlock() =>
        Breaks(
            Flaw.PinnedBeforeTurn,
            ViolationKind.Deadlock,
            [Program.Of(Ending.End, Write1, Write0Write1), Program.Of(Ending.End, Write0Write1), Program.Of(Ending.End, Write0)]);

    [Fact]
    public void Pins_kept_when_another_frame_is_found_deadlock() =>
        Breaks(
            Flaw.PinsKeptOnDiscovery,
            ViolationKind.Deadlock,
            [Program.Of(Ending.End, Walk1Then0), Program.Of(Ending.End, Write0Write1)]);

    [Fact]
    public void Pins_dropped_only_in_the_gate_leave_both_agents_asleep() =>
        Breaks(
            Flaw.PinsDroppedInGate,
            ViolationKind.Deadlock,
            [Program.Of(Ending.End, Walk1Then0), Program.Of(Ending.End, Write0Write1)]);

    [Fact]
    public void Ignoring_the_order_of_arrival_starves_a_request() =>
        Breaks(Flaw.FifoIgnored, ViolationKind.Starvation, Workloads.Forever(3, Write0));

    [Fact]
    public void Ignoring_the_order_of_arrival_breaks_the_bound_on_bypass() =>
        Breaks(Flaw.FifoIgnored, ViolationKind.BypassBound, Workloads.Forever(3, Write0), bypassBound: 2);

    [Fact]
    public void A_fast_upgrade_of_a_reduced_frame_starves_the_request_it_was_reduced_for() =>
        Breaks(Flaw.FastGrantIgnoresReduced, ViolationKind.Starvation, Workloads.Forever(2, Read0, Write0));

    [Fact]
    public void A_fast_upgrade_of_a_reduced_frame_loses_the_readers_that_were_reduced() =>
        Breaks(
            Flaw.FastGrantIgnoresReduced,
            ViolationKind.Order,
            [Workloads.Once(Read0), Workloads.Once(Read0, Write0), Workloads.Once(Write0)],
            order: true);

    [Fact]
    public void A_place_kept_across_frames_loses_the_readers_that_were_reduced_for_another() =>
        Breaks(
            Flaw.PlaceKeptAcrossFrames,
            ViolationKind.Order,
            [
                Program.Of(Ending.Spin, Read1),
                Program.Of(Ending.Spin, Write1),
                Program.Of(Ending.Spin, Write0, Read1),
                Program.Of(Ending.Spin, Write0Write1),
            ],
            order: true,
            announcing: Announcing.Never);

    [Fact]
    public void A_fast_grant_that_pins_nothing_is_taken_away_before_the_instruction_retires() =>
        Breaks(Flaw.FastGrantUnpinned, ViolationKind.FaultBound, Workloads.Forever(2, Write0));

    [Fact]
    public void Pins_read_before_asked_is_set_leave_both_agents_asleep() =>
        Breaks(
            Flaw.PinsReadBeforeAsk,
            ViolationKind.Deadlock,
            [Program.Of(Ending.End, Write1, Write1, Write0), Program.Of(Ending.End, Write0Write1)]);

    [Fact]
    public void A_host_exit_that_does_not_arm_the_next_poll_loses_the_request() =>
        Breaks(Flaw.HostExitForgetsAsked, ViolationKind.Starvation, SpinAfterWrite());

    [Fact]
    public void An_ask_forgotten_at_a_pin_starves_the_request() =>
        Breaks(Flaw.AskForgottenAtPin, ViolationKind.Starvation, SpinAfterWrite());

    [Fact]
    public void An_agent_that_parks_without_a_look_at_asked_leaves_its_requester_asleep() =>
        Breaks(
            Flaw.ParkWithoutLook,
            ViolationKind.Deadlock,
            [Program.Of(Ending.End, Write1, Write0), Program.Of(Ending.End, Write0Write1)]);

    [Fact]
    public void An_agent_that_ends_without_a_look_at_asked_leaves_its_requester_asleep() =>
        Breaks(Flaw.ParkWithoutLook, ViolationKind.Deadlock, Workloads.Same(2, Program.Of(Ending.End, Write0)));

    [Fact]
    public void An_announced_request_that_waits_without_parking_leaves_both_agents_asleep() =>
        Breaks(
            Flaw.SleepsUnparked,
            ViolationKind.Deadlock,
            [Program.Of(Ending.End, Write1, Write0), Program.Of(Ending.End, Write0, Write1)]);

    [Fact]
    public void A_look_at_asked_before_parked_is_published_leaves_the_requester_asleep() =>
        Breaks(Flaw.LookBeforePark, ViolationKind.Deadlock, Workloads.Same(2, Program.Of(Ending.End, Write0)));

    /// <summary>After its write an agent only spins: nothing but the protocol makes it leave the guest again.</summary>
    private static Program[] SpinAfterWrite() => Workloads.Same(2, Program.Of(Ending.Spin, Write0, Write0));
}

namespace Determinism.Conformance.Tests;

/// <summary>A mistake, and the facts that must find it.</summary>
/// <param name="Specification">Of which kind of thing.</param>
/// <param name="Flaw">The mistake.</param>
/// <param name="Make">The specification over it.</param>
/// <param name="Facts">Those that must fail.</param>
/// <param name="Racing">Those of them that find it where threads meet: in almost every run, and so within a few.</param>
internal sealed record Catch(
    Type Specification, object Flaw, Func<ulong, object> Make, IReadOnlyList<string> Facts, IReadOnlyList<string> Racing)
{
    public const int MostTries = 5;

    /// <summary>The same, with facts that find it where threads meet.</summary>
    public Catch Where(params string[] racing) => this with { Facts = [.. Facts, .. racing], Racing = racing };
}

/// <summary>Which mistakes each specification finds, and by which facts: frozen. Every fact finds at least one.</summary>
internal static class Catches
{
    public static IReadOnlyList<Catch> All { get; } =
    [
        Tracker(TrackerFlaw.GrantsEverything, "A_first_touch_is_granted_without_constraints",
            "A_writer_comes_after_every_reader", "Readers_share_a_frame", "Unknown_agents_and_frames_are_refused",
            "The_loser_is_reduced_before_the_winner_is_let_in", "Nobody_has_a_right_at_first")
            .Where("A_writer_is_alone_under_stress"),
        Tracker(TrackerFlaw.LiesAboutRights, "Nobody_has_a_right_at_first"),
        Tracker(TrackerFlaw.InventsConstraints, "A_first_touch_is_granted_without_constraints",
            "A_lone_reader_becomes_the_writer_by_itself"),
        Tracker(TrackerFlaw.ForgetsWhatItGranted, "A_right_that_is_held_already_makes_no_event"),
        Tracker(TrackerFlaw.TakesReadsForWrites, "Readers_share_a_frame",
            "A_reader_comes_after_the_writer_who_stays_a_reader"),
        Tracker(TrackerFlaw.LosesConstraints, "A_reader_comes_after_the_writer_who_stays_a_reader",
            "A_reader_that_joins_others_comes_after_the_last_writer", "A_writer_comes_after_every_reader",
            "A_reader_that_writes_comes_after_the_other_readers", "Conflicting_accesses_are_ordered_under_stress",
            "An_ended_holder_is_reduced_for_ever"),
        Tracker(TrackerFlaw.KeepsImpliedConstraints, "What_others_imply_is_left_out")
            .Where("No_constraint_is_implied_under_stress"),
        Tracker(TrackerFlaw.TakesFramesForTheirNeighbours, "Taking_one_frame_leaves_the_others"),
        Tracker(TrackerFlaw.LetsTheWinnerInFirst, "The_loser_is_reduced_before_the_winner_is_let_in"),
        Tracker(TrackerFlaw.HidesSteals, "Every_steal_is_told"),
        Tracker(TrackerFlaw.ForgetsAgentsFrom32, "Forty_agents_share_and_one_writes"),
        Tracker(TrackerFlaw.TakesTheFirstFrameOnly, "All_frames_of_one_request_are_held_together",
            "Who_needs_the_same_frames_in_turn_gets_them", "A_writer_is_alone_under_stress"),
        Tracker(TrackerFlaw.SortsRequests, "Requests_out_of_order_are_refused"),
        Tracker(TrackerFlaw.WrapsNumbers, "Unknown_agents_and_frames_are_refused"),
        Tracker(TrackerFlaw.IgnoresPromises,
            "A_frame_promised_to_be_only_read_is_everybodys_to_read_and_nobodys_to_write",
            "A_frame_promised_to_one_agent_is_nobody_elses"),
        Tracker(TrackerFlaw.KicksTheParked, "A_parked_holder_is_reduced_without_a_kick"),
        Tracker(TrackerFlaw.TakesFromTheRunning, "A_running_holder_keeps_its_right_until_it_serves",
            "A_holder_that_goes_on_is_running_again"),
        Tracker(TrackerFlaw.AsksAlways, "Nobody_is_asked_without_a_reason"),
        Tracker(TrackerFlaw.ServesNobody, "Serving_answers_everybody_who_waits"),
        Tracker(TrackerFlaw.IgnoresParking, "A_parked_holder_is_reduced_without_a_kick",
            "A_waiter_is_woken_when_the_holder_parks"),
        Tracker(TrackerFlaw.IgnoresEnds, "A_waiter_is_woken_when_the_holder_ends", "An_ended_holder_is_reduced_for_ever"),
        Tracker(TrackerFlaw.DropsPinsAtOnce, "What_was_granted_is_kept_until_the_instruction_has_retired"),
        Tracker(TrackerFlaw.IgnoresAborts, "An_abort_ends_all_waiting"),
        Tracker(TrackerFlaw.ServesNobodyWhileOthersWait, "A_running_holder_keeps_its_right_until_it_serves"),
        new(typeof(PageOwnershipTrackerCostSpecification), TrackerFlaw.Allocates,
            _ => Specimens.TrackerCost(TrackerFlaw.Allocates), ["A_first_touch_allocates_nothing",
            "Asking_for_what_is_held_allocates_nothing", "Parking_allocates_nothing"], []),

        Log(LogFlaw.NeverCompletes, "A_log_without_events_reads_as_empty", "Ending_twice_is_ending_once"),
        Log(LogFlaw.DropsNowAndThen, "What_was_appended_comes_back_in_order"),
        Log(LogFlaw.MixesStreams, "Streams_do_not_mix"),
        Log(LogFlaw.CutsRunsAnywhere, "Runs_hold_whole_events"),
        Log(LogFlaw.CountsAllStreamsTogether, "Positions_count_the_bytes_of_their_stream"),
        Log(LogFlaw.ReusesItsBuffer, "A_run_stays_what_it_was_while_other_streams_are_read"),
        Log(LogFlaw.DropsLargeEvents, "An_event_of_a_megabyte_is_an_event"),
        Log(LogFlaw.KeepsTheLastBlock, "Blocks_come_back_by_kind_and_the_first_counts"),
        Log(LogFlaw.TakesEventsForBlocks, "Events_are_not_blocks"),
        Log(LogFlaw.WrapsStreams, "Unknown_streams_are_refused"),
        Log(LogFlaw.AppendsAfterTheEnd, "Nothing_is_appended_after_the_end"),
        Log(LogFlaw.EndsOnce, "Ending_twice_is_ending_once"),
        Log(LogFlaw.CompletesOnDispose, "A_log_that_was_not_completed_says_so_and_keeps_what_was_committed"),
        Log(LogFlaw.WritesAtTheEndOnly, "What_was_committed_can_be_read_at_once",
            "A_log_that_was_not_completed_says_so_and_keeps_what_was_committed"),
        Log(LogFlaw.MixesConcurrentWriters).Where("Streams_are_written_concurrently"),
        Log(LogFlaw.BelongsToOneThread, "A_stream_goes_from_thread_to_thread"),
        Log(LogFlaw.MixesConcurrentReaders).Where("Streams_are_read_concurrently"),
        Log(LogFlaw.IgnoresOffsets, "What_was_appended_comes_back_in_order"),
        new(typeof(EventLogCostSpecification), LogFlaw.Allocates, _ => Specimens.LogCost(),
            ["An_append_allocates_nothing_while_its_buffer_has_room"], []),

        Recording(SchedulerFlaw.ChangesItsMind, "What_it_says_of_itself_does_not_change"),
        Recording(SchedulerFlaw.RunsTooFar, "Nobody_runs_further_than_allowed"),
        Recording(SchedulerFlaw.StandsStill, "Whoever_may_run_may_run_a_little"),
        Recording(SchedulerFlaw.StarvesTheLast, "Everybody_is_let_in"),
        Recording(SchedulerFlaw.EndsWithTheFirst, "The_end_of_one_leaves_the_others"),
        Recording(SchedulerFlaw.KeepsVcpusAfterAnAbort, "Nobody_is_kept_after_an_abort"),
        Recording(SchedulerFlaw.WaitsSilently, "A_recording_has_no_constraints_to_wait_for"),
        Recording(SchedulerFlaw.WaitsWhenPublishing, "Events_keep_nobody_waiting"),
        Replay(SchedulerFlaw.WaitsForWhatIsDone, "An_event_that_is_complete_is_not_waited_for"),
        Replay(SchedulerFlaw.LetsOnTooEarly).Where("A_wait_ends_with_its_event_and_not_before",
            "What_the_source_did_before_is_seen_after"),
        Replay(SchedulerFlaw.WakesOneOnly, "Everybody_who_waits_for_an_event_goes_on"),
        Replay(SchedulerFlaw.NeverWaits).Where("A_wait_ends_with_its_event_and_not_before",
            "What_the_source_did_before_is_seen_after"),
        Replay(SchedulerFlaw.LosesWakeUps, "A_long_chain_goes_through"),
        Replay(SchedulerFlaw.HangsInRings, "A_ring_of_waits_is_an_error",
            "Waiting_for_an_agent_that_has_ended_is_an_error", "The_end_of_an_agent_wakes_those_who_wait_in_vain"),
        Replay(SchedulerFlaw.IgnoresAborts, "An_abort_ends_waits"),
        Replay(SchedulerFlaw.PublishesNothingWhileOthersWait, "A_wait_ends_with_its_event_and_not_before"),

        Serial(MachineFlaw.ClaimsTooMuch, "The_capabilities_are_those_of_the_level"),
        Serial(MachineFlaw.LeavesSpecificationsOut, "The_other_specifications_of_the_level_are_run"),
        Serial(MachineFlaw.ChangesItsName, "The_capabilities_of_two_machines_are_the_same"),
        Serial(MachineFlaw.RefusesItself, "A_preflight_check_finds_nothing_here"),
        Serial(MachineFlaw.TearsWritesAtFrames, "Memory_that_the_monitor_writes_it_reads_back"),
        Serial(MachineFlaw.CachesMemory, "What_the_monitor_writes_the_guest_reads"),
        Serial(MachineFlaw.AnswersWrongly, "Every_step_does_what_it_says",
            "Inputs_are_asked_for_in_order_and_each_gets_its_answer"),
        Serial(MachineFlaw.LosesExits, "Exits_come_in_program_order"),
        Serial(MachineFlaw.FaultsForNothing, "Rights_to_everything_let_everything_through"),
        Serial(MachineFlaw.MovesWhenLookedAt, "Looking_twice_sees_the_same"),
        Serial(MachineFlaw.WrapsItsCount, "The_count_never_goes_back"),
        Serial(MachineFlaw.CapturesThePlaceOnly, "Another_answer_makes_another_state"),
        Serial(MachineFlaw.CapturesTheHost, "The_same_program_comes_by_the_same_points_and_states"),
        Serial(MachineFlaw.HasOnePointForAll, "Vcpus_do_not_disturb_each_other"),
        Serial(MachineFlaw.IsDisposedOfOnce, "A_machine_can_be_disposed_of_at_any_time_and_twice"),
        Serial(MachineFlaw.StartsDirty, "Machines_come_and_go"),
        Forced(MachineFlaw.IgnoresForce, "A_running_vcpu_that_is_forced_leaves"),
        Forced(MachineFlaw.LosesForceOutside, "A_vcpu_that_was_forced_outside_leaves_as_soon_as_it_enters"),
        Parallel(MachineFlaw.ReadsWithoutRight, "A_frame_without_a_right_cannot_be_read"),
        Parallel(MachineFlaw.WritesWithRightToRead, "A_frame_with_the_right_to_read_cannot_be_written",
            "A_right_that_was_taken_is_gone_when_the_call_returns"),
        Parallel(MachineFlaw.AsksForReadingOnly, "An_atomic_addition_needs_the_right_to_write_at_once"),
        Parallel(MachineFlaw.CountsFaults, "A_fault_has_done_nothing", "Faults_do_not_count"),
        Parallel(MachineFlaw.TellsOneFrameOfTwo, "A_word_in_two_frames_needs_both"),
        Parallel(MachineFlaw.SharesRights, "A_right_is_nobody_elses_and_for_no_other_frame"),
        Parallel(MachineFlaw.ProtectsPairsOfFrames, "A_right_covers_its_frame_and_no_more"),
        Parallel(MachineFlaw.ReducesLater, "A_right_that_was_taken_is_gone_when_the_call_returns")
            .Where("Frames_change_hands_under_stress"),
        Parallel(MachineFlaw.IgnoresReductions, "A_right_that_was_taken_is_gone_when_the_call_returns",
            "Frames_change_hands_under_stress"),
        Parallel(MachineFlaw.LeavesReaders, "Frames_change_hands_under_stress"),
        Parallel(MachineFlaw.ReducesToNothing, "A_writer_that_was_reduced_to_reading_still_reads"),
        Parallel(MachineFlaw.SetsAllRightsOnce, "Rights_to_all_frames_replace_all_rights"),
        Parallel(MachineFlaw.ChecksTheMonitor, "The_monitor_reads_and_writes_past_all_rights"),
        Parallel(MachineFlaw.IgnoresRequests, "A_running_vcpu_leaves_when_it_is_asked"),
        Parallel(MachineFlaw.LosesRequestsOutside, "A_request_that_comes_before_the_entry_is_not_lost"),
        Parallel(MachineFlaw.KeepsRequests, "A_request_is_used_up_by_one_exit"),
        Parallel(MachineFlaw.StopsEverybody, "A_request_stops_nobody_else"),
        Parallel(MachineFlaw.StopsOneLate, "A_stop_is_at_the_count_that_was_asked_for"),
        Parallel(MachineFlaw.IgnoresStopsBehind, "A_stop_that_lies_behind_is_at_the_next_place"),
        Parallel(MachineFlaw.RemembersStops, "Stops_leave_no_trace", "The_same_count_is_the_same_point_in_another_run",
            "Requests_at_any_moment_do_no_harm"),
        Parallel(MachineFlaw.RunsOneAtATime).Where("Vcpus_run_at_the_same_time"),
        Parallel(MachineFlaw.WritesBeforeItFaults, "A_fault_has_done_nothing", "Frames_change_hands_under_stress"),
        Parallel(MachineFlaw.IgnoresStops, "A_stop_that_lies_behind_is_at_the_next_place"),
        Parallel(MachineFlaw.WaitsForTheExit, "A_request_that_comes_before_the_entry_is_not_lost"),
        Asynchronous(MachineFlaw.StopsOneLate, "A_stop_before_an_exit_comes_before_it",
            "Every_count_is_a_stop_and_the_same_instant_again"),
        Asynchronous(MachineFlaw.IgnoresStopsBehind, "A_stop_at_the_present_count_runs_nothing",
            "A_stop_before_a_fault_comes_before_it"),
        Asynchronous(MachineFlaw.CountsBranches, "A_stop_before_an_exit_comes_before_it",
            "Every_count_is_a_stop_and_the_same_instant_again", "A_stop_at_the_present_count_runs_nothing",
            "A_stop_before_a_fault_comes_before_it", "Where_a_request_stops_a_vcpu_another_run_stops_too"),
        Asynchronous(MachineFlaw.IgnoresRequests, "Where_a_request_stops_a_vcpu_another_run_stops_too"),

        Runs(RunFlaw.ReplaysWrongly, "Every_recording_replays_to_the_same_end", "A_recording_replays_as_often_as_wanted"),
        Runs(RunFlaw.ReplaysOnce, "A_recording_replays_as_often_as_wanted"),
        Runs(RunFlaw.RunsAlike, "Runs_differ_from_each_other"),
        Runs(RunFlaw.NeedsNoOrder, "Without_the_recorded_order_a_replay_differs"),
        Runs(RunFlaw.NeverEnds, "Every_recording_replays_to_the_same_end"),
    ];

    private static Catch Tracker(TrackerFlaw flaw, params string[] facts) =>
        new(typeof(PageOwnershipTrackerSpecification), flaw, seed => Specimens.Tracker(flaw, seed), facts, []);

    private static Catch Log(LogFlaw flaw, params string[] facts) =>
        new(typeof(EventLogSpecification), flaw, _ => Specimens.Log(flaw), facts, []);

    private static Catch Recording(SchedulerFlaw flaw, params string[] facts) =>
        new(typeof(RecordingSchedulerSpecification), flaw, _ => Specimens.Recording(flaw), facts, []);

    private static Catch Replay(SchedulerFlaw flaw, params string[] facts) =>
        new(typeof(ReplaySchedulerSpecification), flaw, _ => Specimens.Replay(flaw), facts, []);

    private static Catch Serial(MachineFlaw flaw, params string[] facts) =>
        new(typeof(SerialBackendSpecification), flaw, _ => Specimens.Serial(flaw), facts, []);

    private static Catch Forced(MachineFlaw flaw, params string[] facts) =>
        new(typeof(ForcedExitSpecification), flaw, _ => Specimens.Forced(flaw), facts, []);

    private static Catch Parallel(MachineFlaw flaw, params string[] facts) =>
        new(typeof(ParallelBackendSpecification), flaw, _ => Specimens.Parallel(flaw), facts, []);

    private static Catch Asynchronous(MachineFlaw flaw, params string[] facts) =>
        new(typeof(AsynchronousBackendSpecification), flaw, _ => Specimens.Asynchronous(flaw), facts, []);

    private static Catch Runs(RunFlaw flaw, params string[] facts) =>
        new(typeof(RecordReplaySpecification), flaw, _ => new BrokenRuns(flaw), facts, []);
}

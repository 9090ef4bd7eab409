using Determinism.Model.Tests.Checking;
using Determinism.Model.Tests.Handover;
using Xunit;
using Xunit.Abstractions;
using static Determinism.Model.Tests.Handover.Instruction;

namespace Determinism.Model.Tests;

public sealed class HandoverKeepsTheLawsTests(ITestOutputHelper output) : ModelFact(output)
{
    [Fact]
    public void Two_agents_that_read_and_write_one_frame_for_ever() =>
        IsClean(Workloads.Forever(2, Workloads.OneFrame));

    [Fact]
    public void Three_agents_that_read_and_write_one_frame_for_ever_make_progress() =>
        IsClean(Workloads.Forever(3, Workloads.OneFrame), order: false);

    [Fact]
    public void Three_agents_with_every_one_instruction_program_on_one_frame() =>
        IsClean(Workloads.Same(3, Program.Any(Ending.EndOrSpin, 1, Workloads.OneFrame)));

    [Fact]
    public void Two_agents_with_two_instruction_programs_on_two_frames() =>
        IsClean(Workloads.Same(2, Program.Any(Ending.EndOrSpin, 2, Write0, Read1, Write0Write1)));

    [Fact]
    public void Two_agents_with_every_instruction_on_two_frames_for_ever_make_progress() =>
        IsClean(Workloads.Forever(2, Workloads.TwoFrames), order: false);

    [Fact]
    public void Three_agents_that_each_need_both_frames_for_ever() =>
        IsClean(Workloads.Forever(3, Write0Write1));

    [Fact]
    public void Three_agents_that_join_upgrade_and_steal() =>
        IsClean([Workloads.Once(Read0, Write0), Workloads.Once(Read0, Write0), Workloads.Once(Read0, Write1)]);

    [Fact]
    public void A_loser_with_a_batch_of_requests_for_both_its_frames() =>
        IsClean([Workloads.Once(Write0Write1, Write0), Workloads.Once(Write0), Workloads.Once(Read1, Write1)]);

    [Fact]
    public void Three_agents_two_of_which_find_a_second_frame_later() =>
        IsClean(
            [
                Program.Any(Ending.End, 1, Workloads.Walks),
                Program.Any(Ending.End, 1, Workloads.Walks),
                Program.Any(Ending.End, 1, Read0, Write1),
            ]);

    [SkippableFact]
    public void Three_agents_that_find_a_second_frame_later() =>
        IsCleanInFull(Workloads.Same(3, Program.Any(Ending.End, 1, Workloads.Walks)));

    [Theory]
    [InlineData(Announcing.Always)]
    [InlineData(Announcing.Never)]
    internal void Two_agents_that_find_a_second_frame_later_for_ever(Announcing announcing) =>
        IsClean(Workloads.Forever(2, [.. Workloads.Walks, Read0, Write1]), announcing: announcing);

    [SkippableFact]
    public void Two_agents_that_find_a_second_frame_later_for_ever_and_announce_it_or_not() =>
        IsCleanInFull(Workloads.Forever(2, [.. Workloads.Walks, Read0, Write1]));

    [Fact]
    public void Two_agents_that_share_a_frame_and_halt() =>
        IsClean(Workloads.Forever(2, Workloads.Halting));

    [SkippableFact]
    public void Three_agents_that_share_a_frame_and_halt_make_progress() =>
        IsCleanInFull(Workloads.Forever(3, Workloads.Halting), order: false);

    [SkippableFact]
    public void Two_agents_with_every_two_instruction_program_on_two_frames() =>
        IsCleanInFull(Workloads.Same(2, Program.Any(Ending.EndOrSpin, 2, Workloads.TwoFrames)));

    [SkippableFact]
    public void Three_agents_that_read_and_write_one_frame_for_ever_in_order() =>
        IsCleanInFull(
            [
                Program.Any(Ending.Repeat, 1, Read0, Write0),
                Program.Any(Ending.Repeat, 1, Write0),
                Program.Any(Ending.Repeat, 1, Read0),
            ]);

    [SkippableTheory]
    [InlineData(Announcing.Always)]
    [InlineData(Announcing.Never)]
    internal void Three_agents_with_every_two_instruction_program_on_one_frame(Announcing announcing) =>
        EachIsCleanInFull(2, Workloads.OneFrame, announcing);

    [SkippableTheory]
    [InlineData(Announcing.Always)]
    [InlineData(Announcing.Never)]
    internal void Three_agents_with_every_one_instruction_program_on_two_frames(Announcing announcing) =>
        EachIsCleanInFull(1, Workloads.TwoFrames, announcing);

    [SkippableFact]
    public void Two_agents_that_mix_two_frames_for_ever_in_order() =>
        IsCleanInFull(Workloads.Forever(2, Write0, Read1, Read0Write1));

    [SkippableTheory]
    [InlineData(Announcing.Always)]
    [InlineData(Announcing.Never)]
    internal void Three_agents_with_walks_and_plain_instructions(Announcing announcing) =>
        EachIsCleanInFull(1, [.. Workloads.Walks, Write0, Write1, Write0Write1, Read0Write1], announcing);

    [SkippableFact]
    public void Three_agents_two_of_which_find_a_second_frame_later_for_ever_make_progress() =>
        IsCleanInFull(
            [
                Program.Any(Ending.Repeat, 1, Workloads.Walks),
                Program.Any(Ending.Repeat, 1, Workloads.Walks),
                Program.Any(Ending.Repeat, 1, Write0Write1),
            ],
            order: false);

    [Fact]
    public void Nobody_is_passed_over_more_often_than_there_are_others()
    {
        Program[] programs = Workloads.Forever(3, Write0);
        Assert.Null(Explore(new HandoverModel(programs, bypassBound: 2, order: false)).Violation);
        StateGraph<MachineState> tighter = Explore(new HandoverModel(programs, bypassBound: 1, order: false));
        Assert.Equal(ViolationKind.BypassBound, tighter.Violation?.Kind);
    }

    // Three agents; one choice of programs after the other: in one graph they are too many states.
    private void EachIsCleanInFull(int length, Instruction[] alphabet, Announcing announcing)
    {
        Program[] programs = [.. Workloads.Every(length, alphabet)];
        foreach (Program first in programs)
        {
            foreach (Program second in programs)
            {
                foreach (Program third in programs)
                    IsCleanInFull([first, second, third], announcing: announcing);
            }
        }
    }

    private void IsCleanInFull(Program[] programs, bool order = true, Announcing announcing = Announcing.Sometimes)
    {
        Skip.IfNot(FullTier, "a large state space: set DETERMINISM_TEST_TIER=full");
        IsClean(programs, order, announcing);
    }
}

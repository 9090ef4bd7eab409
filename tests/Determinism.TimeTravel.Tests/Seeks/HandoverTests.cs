using Determinism.Machine;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.Seeks;

/// <summary>The ways to name an instruction, and what is refused.</summary>
public class HandoverTests
{
    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void Step_by_step_comes_to_where_one_step_does_over_events_too(ClockKind clock)
    {
        Recorded recorded = Recorded.Make("racy", 2, clock, "managed", 1, 60);
        using var one = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        using var other = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        // From an event with another near behind it: most have none for thousands of instructions.
        ulong number = recorded.Events[0] / 2;
        InstructionPoint point;
        ulong from;
        do
        {
            point = new InstructionPoint(0, number--, 0);
            other.GoToInstruction(point);
            from = other.Instruction!.Value.Event;
            one.GoToInstruction(point with { Event = from, Instructions = 900 });
        }
        while (number > 0 && one.Instruction!.Value.Event == from);
        InstructionPoint here = other.Instruction!.Value;
        int intervals = 0;
        for (int step = 1; step <= 1000; step++)
        {
            other.GoToInstruction(here with { Instructions = here.Instructions + 1 });
            intervals += other.Instruction!.Value.Event == here.Event ? 0 : 1;
            here = other.Instruction!.Value;
            if (step % 200 == 0)
            {
                one.GoToInstruction(point with { Event = from, Instructions = (ulong)step });
                Assert.Equal(here, one.Instruction);
                Assert.Equal(StateDigest.Of(other.Machine), StateDigest.Of(one.Machine));
            }
        }
        Assert.InRange(intervals, 1, 999);
    }

    [Fact]
    public void Where_the_clock_counts_instructions_both_names_lead_to_the_same_registers()
    {
        Recorded recorded = Recorded.Make("racy", 2, ClockKind.RetiredInstructions, "managed", 1, 60);
        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        var random = new Random(1);
        for (int round = 0; round < 20; round++)
        {
            travel.GoToInstruction(new InstructionPoint(1, (ulong)random.NextInt64((long)recorded.Events[1]), (ulong)random.Next(300)));
            byte[] registers = ReadRegisters(travel);
            InstructionPoint point = travel.Instruction!.Value;
            ulong count = travel.Machine.Processors.ReadPoint(1).Count;
            travel.GoToEvent(1, point.Event);
            // What happens at a count is one: only behind it is the name by counts that of an instruction of its own.
            if (point.Instructions == 0 || recorded.Cuts.AtCount(1, count).Positions[1].Events != point.Event)
                continue;
            Assert.Equal(travel.Here.Positions[1].Position + point.Instructions, count);
            travel.GoToCount(1, count);
            Assert.Equal(registers, ReadRegisters(travel));
        }
    }

    private static byte[] ReadRegisters(Machine.TimeTravel travel)
    {
        var state = new byte[travel.Machine.Processors.StateBytes];
        return state[..travel.Machine.Processors.CaptureState(1, state)];
    }

    [Fact]
    public void At_the_end_of_its_stream_a_vcpu_stops()
    {
        Recorded recorded = Recorded.Make("racy", 2, ClockKind.SoftwareCounter, "managed", 1, 60);
        using var travel = new Machine.TimeTravel(recorded.Log, Recorded.Managed, TimeProvider.System);
        travel.GoToInstruction(new InstructionPoint(1, recorded.Events[1] - 3, 1_000_000));
        Assert.Equal(new InstructionPoint(1, recorded.Events[1], 0), travel.Instruction);
        Assert.True(travel.Here.Positions[1].Events == recorded.Events[1]);
    }

    [Fact]
    public void What_is_not_there_is_refused()
    {
        Recorded exact = Recorded.Make("racy", 2, ClockKind.RetiredInstructions, "managed", 1, 60);
        using var travel = new Machine.TimeTravel(exact.Log, Recorded.Managed, TimeProvider.System, Recorded.Managed);
        Assert.Throws<ArgumentOutOfRangeException>(() => travel.GoToInstruction(new InstructionPoint(2, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => travel.GoToInstruction(new InstructionPoint(0, 1_000_000, 1)));
        Assert.Throws<InvalidOperationException>(() => travel.GoToInstruction(new InstructionPoint(0, 1, 1, Poll: 5)));

        Recorded polls = Recorded.Make("racy", 2, ClockKind.SoftwareCounter, "managed", 1, 60);
        using var between = new Machine.TimeTravel(polls.Log, Recorded.Managed, TimeProvider.System);
        Exception? beyond = Record.Exception(() => between.GoToInstruction(new InstructionPoint(0, 10, 1, Poll: 1_000_000_000)));
        Assert.Contains("passes", Assert.IsType<ReplayDivergenceException>(beyond).Message, StringComparison.Ordinal);
        // And it goes on from anywhere.
        between.GoToEvent(0, 5);
        Assert.Throws<ArgumentException>(() => polls.Cuts.FromPoll(polls.Cuts.IntervalAfter(0, polls.Events[0]), 0, 1));
    }

    [SkippableFact]
    public void A_clock_that_Kvm_has_not_leaves_it_out()
    {
        Recorded.NeedKvm();
        Recorded exact = Recorded.Make("racy", 2, ClockKind.RetiredInstructions, "managed", 1, 60);
        using var travel = new Machine.TimeTravel(exact.Log, Recorded.Managed, TimeProvider.System, Recorded.Kvm);
        Assert.False(travel.IsFast);
        travel.GoToEvent(0, 20);
        Recorded polls = Recorded.Make("racy", 2, ClockKind.SoftwareCounter, "managed", 1, 60);
        using var fast = new Machine.TimeTravel(polls.Log, Recorded.Managed, TimeProvider.System, Recorded.Kvm);
        Assert.True(fast.IsFast);
        using var alone = new Machine.TimeTravel(polls.Log, Recorded.Kvm, TimeProvider.System);
        Assert.Throws<InvalidOperationException>(() => alone.GoToInstruction(new InstructionPoint(0, 10, 5)));
    }
}

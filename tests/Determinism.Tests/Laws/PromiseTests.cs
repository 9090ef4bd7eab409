using Determinism.Log;
using Determinism.Ownership;
using Determinism.Tests.Ownership;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>Frames about which the VMM vouches: a broken promise is an error.</summary>
public class PromiseTests
{
    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void Writing_a_frame_promised_to_be_only_read_fails_the_recording(ClockKind clock)
    {
        ScriptProgram program = new ProgramShape { Seed = 1, SharedFrames = 1, HasEvents = false }.Build();
        ulong address = program.SharedFrames[0].First << program.Shape.PageShift;
        program.Vcpus[1][5] = new ScriptOp(OpKind.Access) { Words = [new WordAccess(address, true)] };
        var run = new ScriptedRun(new ProgramShape()) { Program = program, Clock = clock };
        using var log = new MemoryEventLog(program.Shape.AgentCount);

        Outcome outcome = run.TryRecord(log, null, out _);

        OwnershipViolationException violation = Assert.IsType<OwnershipViolationException>(outcome.Failure);
        Assert.Contains($"0x{program.SharedFrames[0].First:X}", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_a_frame_promised_to_be_only_read_makes_no_event()
    {
        ScriptProgram program = new ProgramShape { Seed = 1, SharedFrames = 2, HasEvents = false }.Build();
        ulong shared = program.SharedFrames[0].First << program.Shape.PageShift;
        foreach (ScriptOp[] ops in program.Vcpus)
            Array.Fill(ops, new ScriptOp(OpKind.Access) { Words = [new WordAccess(shared, false)] }, 0, ops.Length - 1);
        var run = new ScriptedRun(new ProgramShape()) { Program = program };
        using var log = new MemoryEventLog(program.Shape.AgentCount);

        run.TryRecord(log, null, out Recording.RecordingSession session);

        Assert.Equal(0, session.Statistics.Events[EventKind.Elevation]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void Another_agent_than_a_private_frames_own_is_refused(int agents)
    {
        var tracker = new CrewTracker<IdleSink>(agents, 16, new CausalOrder(agents), default,
            new CrewOptions { Time = TimeProvider.System });
        tracker.MakePrivate(2, 4, 3);

        Assert.Equal(AcquireOutcome.AlreadyHeld, tracker.Acquire(2, [new FrameRequest(4, AccessRight.ReadWrite)]));
        Assert.Equal(AccessRight.ReadWrite, tracker.GetRight(2, 6));
        Assert.Equal(AccessRight.None, tracker.GetRight(0, 4));
        Assert.Throws<OwnershipViolationException>(
            () => tracker.Acquire(0, [new FrameRequest(5, AccessRight.Read)]));
        Assert.Equal(AcquireOutcome.Granted, tracker.Acquire(0, [new FrameRequest(7, AccessRight.Read)]));
    }
}

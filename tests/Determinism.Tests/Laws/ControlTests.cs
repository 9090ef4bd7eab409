using Determinism.Log;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Laws;

/// <summary>The constraints are what makes a racy program replay: without them it does not.</summary>
public class ControlTests
{
    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void With_constraints_withheld_a_racy_program_diverges_and_says_so(ClockKind clock)
    {
        int divergences = 0;
        for (ulong seed = 1; seed <= 30; seed++)
        {
            var run = new ScriptedRun(new ProgramShape { Seed = seed, Vcpus = 4, Ops = 30, HotFrames = 2, HasEvents = false })
            {
                Clock = clock, Seed = seed, Scheduler = SchedulerKind.Chaos, Hazards = new Hazards { YieldOneIn = 2 },
            };
            using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
            Outcome recorded = run.Record(log);
            Outcome kept = run.Replay(log);
            Assert.Equal(recorded.Fingerprint, kept.Fingerprint);

            Outcome withheld = run.TryReplay(log, withholdConstraints: true);
            if (withheld.Failure is null)
                Assert.Equal(recorded.Fingerprint, withheld.Fingerprint);
            else
                divergences += withheld.Failure is ReplayDivergenceException ? 1 : 0;
        }
        Assert.True(divergences > 0, "Thirty racy programs replayed by chance alone: the control controls nothing.");
    }

    [Fact]
    public void A_program_without_sharing_needs_no_constraints()
    {
        var program = new ProgramShape { Seed = 3, Vcpus = 2, HotFrames = 1, HasEvents = false }.Build();
        // Each vCPU in a frame of its own.
        ScriptOp[][] apart = [.. program.Vcpus.Select((ops, vcpu) => ops.Select(op => op with
        {
            Words = [.. op.Words.Select(word => word with { Address = ((ulong)vcpu << 12) + (word.Address & 0xFFF) })],
        }).ToArray())];
        var run = new ScriptedRun(new ProgramShape()) { Program = program with { Vcpus = apart } };
        using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
        Outcome recorded = run.TryRecord(log, null, out Recording.RecordingSession session);
        Assert.Null(recorded.Failure);
        Assert.Equal(0, session.Statistics.Constraints);
        Assert.Equal(recorded.Fingerprint, run.Replay(log, withholdConstraints: true).Fingerprint);
    }
}

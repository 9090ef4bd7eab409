using Determinism.Log;
using Determinism.Tests.Oracle;
using Determinism.Tests.Scripted;
using Xunit.Abstractions;

namespace Determinism.Tests.Cost;

/// <summary>How often a vCPU's rights are changed: under KVM the dearest part of a handover, for one frame or many.</summary>
public class RightCallsTests(ITestOutputHelper output)
{
    [Fact]
    public void A_replay_changes_neighbouring_frames_together_as_its_recording_did()
    {
        int recorded = 0, replayed = 0, frames = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var run = new ScriptedRun(new ProgramShape { Seed = seed, HotFrames = 24, AreNeighbours = true, HasEvents = false })
            {
                Clock = ClockKind.SoftwareCounter, Scheduler = SchedulerKind.Around, Seed = seed,
            };
            using var log = new MemoryEventLog(run.Program.Shape.AgentCount);
            recorded += run.Record(log).RightCalls;
            replayed += run.Replay(log).RightCalls;
            frames += DecodedLog.Read(log).Sum(stream =>
                stream.Count(one => one.Event.Kind is EventKind.Elevation or EventKind.Reduction));
        }
        output.WriteLine($"{frames} changes of rights, in {recorded} calls when recorded and {replayed} when replayed.");
        Assert.True(recorded < frames * 0.8, "Hardly a frame came along.");
        Assert.InRange(replayed, 1, recorded);
    }
}

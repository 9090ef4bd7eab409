using Determinism.Diagnostics;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Recording;

namespace Determinism.Machine.Tests;

/// <summary>Recordings that change all the time between vCPUs side by side and vCPUs that take turns.</summary>
public class TurnsTests
{
    private static readonly ClockKind[] s_clocks = [ClockKind.RetiredInstructions, ClockKind.SoftwareCounter];

    public static TheoryData<string, int, ClockKind> Combinations()
    {
        var data = new TheoryData<string, int, ClockKind>();
        foreach (Guest guest in GuestCatalog.All.Where(guest => guest.Name != "hello"))
        {
            foreach (int vcpus in (int[])[2, 4])
                foreach (ClockKind clock in s_clocks)
                    data.Add(guest.Name, vcpus, clock);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void A_recording_that_takes_turns_now_and_then_replays_alike(string guest, int vcpus, ClockKind clock)
    {
        for (int round = 0; round < TestTier.Times(2, 20); round++)
        {
            MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, clock);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineState recorded = Record(configuration, log);
            Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
        }
    }

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void Turns_begin_and_end_many_times(ClockKind clock)
    {
        long phases = 0;
        int exclusive = 0, shared = 0;
        for (int round = 0; round < 20 && (phases < 3 || exclusive == 0 || shared == 0); round++)
        {
            MachineConfiguration configuration = GuestCatalog.Find("racy")!.Configure(4, clock, []);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            RecordingSession? session = null;
            Record(configuration, log, one => session = one);
            phases += session!.Statistics.TurnPhases;
            (int alone, int together) = CountBaton(log, configuration.Shape);
            exclusive += alone;
            shared += together;
        }
        Assert.True(phases >= 3, $"Turns began {phases} times only.");
        Assert.True(exclusive > 0 && shared > 0, $"The baton was taken {exclusive} times alone, {shared} times to share.");
    }

    /// <summary>Which bugs make the tests above fail.</summary>
    [Theory]
    [InlineData(nameof(Plant.LeaveViewOpen))]
    [InlineData(nameof(Plant.EnterWithoutBaton))]
    public void A_planted_bug_is_found(string plant)
    {
        for (int round = 0; round < 200; round++)
        {
            MachineConfiguration configuration = GuestCatalog.Find("racy")!.Configure(4, ClockKind.SoftwareCounter, []);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            try
            {
                MachineState recorded = Record(configuration, log, one => one.Plant = Enum.Parse<Plant>(plant));
                if (recorded.FindDifference(MachineRunner.Replay(log)) is not null)
                    return;
            }
            catch (DeterminismException)
            {
                return;
            }
        }
        Assert.Fail($"{plant} was not found in 200 recordings.");
    }

    private static MachineState Record(MachineConfiguration configuration, MemoryEventLog log,
        Action<RecordingSession>? prepare = null) => MachineRunner.Record(configuration,
        MachineRunner.MakeScheduler("turns", configuration.VcpuCount), log, prepare, time: MachineRunner.TimeOf("turns"));

    private static (int Alone, int Together) CountBaton(MemoryEventLog log, MachineShape shape)
    {
        int alone = 0, together = 0;
        for (int agent = 0; agent < shape.AgentCount; agent++)
        {
            for (var cursor = new EventCursor(log, agent, shape.AgentCount); cursor.MoveToNext(); cursor.Consume())
            {
                StreamEvent one = cursor.Next;
                if (one.Kind != EventKind.Elevation || one.Frame != shape.FrameCount - 1)
                    continue;
                if (one.NewRight == AccessRight.ReadWrite)
                    alone++;
                else
                    together++;
            }
        }
        return (alone, together);
    }
}

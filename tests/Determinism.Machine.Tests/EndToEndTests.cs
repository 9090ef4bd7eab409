using Determinism.Guests;
using Determinism.Log;

namespace Determinism.Machine.Tests;

public class EndToEndTests
{
    private static readonly int[] s_vcpus = TestTier.IsFull ? [1, 2, 4, 8] : [1, 4];
    private static readonly string[] s_schedulers = ["parallel", "serial", "chaos"];
    private static readonly ClockKind[] s_clocks = [ClockKind.RetiredInstructions, ClockKind.SoftwareCounter];

    public static TheoryData<string, int, string, ClockKind> Combinations()
    {
        var data = new TheoryData<string, int, string, ClockKind>();
        foreach (Guest guest in GuestCatalog.All)
        {
            foreach (int vcpus in guest.Name == "hello" ? s_vcpus[..1] : s_vcpus)
                foreach (string scheduler in s_schedulers)
                    foreach (ClockKind clock in s_clocks)
                        data.Add(guest.Name, vcpus, scheduler, clock);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Every_replay_of_a_recording_is_identical_in_every_bit(
        string guest, int vcpus, string scheduler, ClockKind clock)
    {
        for (int round = 0; round < TestTier.Times(1, 10); round++)
        {
            MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, clock);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineState recorded =
                MachineRunner.Record(configuration, MachineRunner.MakeScheduler(scheduler, vcpus, (ulong)round + 1), log);
            for (int replay = 0; replay < 2; replay++)
                Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
        }
    }

    [Theory]
    [InlineData("racy", 64, 12)]
    [InlineData("radix", 64, 12)]
    [InlineData("devices", 33, 12)]
    [InlineData("racy", 4, 6)]
    [InlineData("water", 4, 6)]
    [InlineData("devices", 4, 7)]
    [InlineData("ocean", 4, 16)]
    [InlineData("racy", 4, 20)]
    public void Many_vcpus_and_frames_of_any_size_replay_alike(string guest, int vcpus, int pageShift)
    {
        MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, ClockKind.RetiredInstructions)
            with { PageShift = pageShift };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", vcpus), log);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
    }

    [Fact]
    public void Code_and_data_in_one_frame_are_refused_with_the_software_counter()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.SoftwareCounter)
            with { PageShift = 20 };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        var refused = Assert.Throws<RecordingRefusedException>(
            () => MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 2), log));
        Assert.Contains("code and data in one frame", refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> FixedGuests() =>
        [.. GuestCatalog.All.Where(guest => guest.IsDeterministic).Select(guest => guest.Name)];

    [Theory]
    [MemberData(nameof(FixedGuests))]
    public void A_guest_with_a_fixed_outcome_prints_the_same_recorded_or_not_on_any_number_of_vcpus(string guest)
    {
        string alone = MachineRunner.RunUnrecorded(
            MachineRunner.Configure(guest, 1, ClockKind.RetiredInstructions)).Console;
        Assert.NotEmpty(alone);
        MachineConfiguration four = MachineRunner.Configure(guest, guest == "hello" ? 1 : 4, ClockKind.RetiredInstructions);
        Assert.Equal(alone, MachineRunner.RunUnrecorded(four).Console);
        var log = new MemoryEventLog(four.Shape.AgentCount);
        Assert.Equal(alone, MachineRunner.Record(four, MachineRunner.MakeScheduler("chaos", 4), log).Console);
    }
}

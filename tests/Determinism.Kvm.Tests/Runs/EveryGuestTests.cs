using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>All guests, recorded on one backend and replayed on both: two independent machines agree on every bit.</summary>
public class EveryGuestTests
{
    public static TheoryData<string, int> Guests()
    {
        var data = new TheoryData<string, int>();
        foreach (Guest guest in GuestCatalog.All)
        {
            foreach (int vcpus in guest.Name == "hello" ? (int[])[1] : [1, 2, 4])
                data.Add(guest.Name, vcpus);
        }
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Guests))]
    public void A_recording_on_Kvm_replays_on_Kvm_and_on_the_managed_machine(string guest, int vcpus)
    {
        OnKvm.Need();
        foreach (string scheduler in TestTier.IsFull ? (string[])["parallel", "serial", "chaos"] : ["parallel"])
            RecordAndReplay(guest, vcpus, scheduler, "kvm", seed: 1);
    }

    [SkippableTheory]
    [MemberData(nameof(Guests))]
    public void A_recording_on_the_managed_machine_replays_on_Kvm(string guest, int vcpus)
    {
        OnKvm.Need();
        foreach (string scheduler in TestTier.IsFull ? (string[])["parallel", "serial", "chaos"] : ["parallel"])
            RecordAndReplay(guest, vcpus, scheduler, "managed", seed: 1);
    }

    [SkippableTheory]
    [InlineData("racy", "serial")]
    [InlineData("racy", "chaos")]
    [InlineData("devices", "serial")]
    [InlineData("devices", "chaos")]
    [InlineData("water", "chaos")]
    public void Every_scheduler_records_on_Kvm(string guest, string scheduler)
    {
        OnKvm.Need();
        for (int seed = 1; seed <= TestTier.Times(2, 20); seed++)
            RecordAndReplay(guest, 3, scheduler, "kvm", (ulong)seed);
    }

    [SkippableTheory]
    [InlineData("racy", 13)]
    [InlineData("hello", 13)]
    public void Frames_may_be_larger_than_pages(string guest, int pageShift)
    {
        OnKvm.Need();
        RecordAndReplay(guest, guest == "hello" ? 1 : 2, "parallel", "kvm", seed: 1, pageShift);
    }

    [SkippableTheory]
    [InlineData("racy")]
    [InlineData("devices")]
    public void Many_recordings_have_several_outcomes_and_each_is_replayed(string guest)
    {
        OnKvm.Need();
        var outcomes = new HashSet<string>();
        for (int run = 0; run < TestTier.Times(8, 50); run++)
            outcomes.Add(RecordAndReplay(guest, 2 + (run % 3), "parallel", "kvm", seed: 1).Console);
        Assert.True(outcomes.Count >= 2, $"All recordings of {guest} had one outcome: replaying them proves nothing.");
    }

    [SkippableTheory]
    [InlineData("radix")]
    [InlineData("barnes")]
    public void Without_a_clock_only_serialised_recording_is_possible(string guest)
    {
        OnKvm.Need();
        // One vCPU: these guests spin, and without polls nobody takes turns with one that spins.
        MachineConfiguration configuration = MachineRunner.Configure(guest, 1, ClockKind.None);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(
            configuration, MachineRunner.MakeScheduler("serial", 1), log, backend: OnKvm.Backend);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log, backend: OnKvm.Backend)));
        Assert.Throws<RecordingRefusedException>(() => MachineRunner.Record(configuration,
            MachineRunner.MakeScheduler("parallel", 1), new MemoryEventLog(configuration.Shape.AgentCount),
            backend: OnKvm.Backend));
    }

    private static MachineState RecordAndReplay(
        string guest, int vcpus, string scheduler, string recorder, ulong seed, int pageShift = 12)
    {
        string what = $"{guest} on {vcpus} vCPUs, {scheduler} {seed}, recorded on {recorder}";
        MachineConfiguration configuration = MachineRunner.Configure(guest, vcpus, ClockKind.SoftwareCounter)
            with { PageShift = pageShift };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(
            configuration, MachineRunner.MakeScheduler(scheduler, vcpus, seed), log, backend: OnKvm.Find(recorder));
        foreach (string replayer in (string[])["kvm", "managed"])
        {
            string? difference = recorded.FindDifference(MachineRunner.Replay(log, backend: OnKvm.Find(replayer)));
            Assert.True(difference is null, $"{what}, replayed on {replayer}: {difference}");
        }
        return recorded;
    }
}

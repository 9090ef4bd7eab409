using Determinism.Guests;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>All guests, recorded on one backend and replayed on both: two independent machines agree on every bit.</summary>
public class EveryGuestTests
{
    private static readonly IMachineBackend s_managed = OnKvm.Find("managed");

    private static string[] Schedulers => TestTier.IsFull ? ["parallel", "serial", "chaos"] : ["parallel"];

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
    public void A_recording_on_Kvm_replays_on_Kvm_as_often_as_wanted_and_on_the_managed_machine(string guest, int vcpus)
    {
        OnKvm.Need();
        // vCPUs that outnumber the processors and spin are slow: once will do for them here.
        int again = TestTier.Times(vcpus == 4 ? 0 : 1, 2);
        foreach (string scheduler in Schedulers)
        {
            Recorded.Make(Configure(guest, vcpus), OnKvm.Backend, scheduler)
                .AssertReplaysOn([OnKvm.Backend, s_managed, .. Enumerable.Repeat(OnKvm.Backend, again)]);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Guests))]
    public void A_recording_on_the_managed_machine_replays_on_Kvm(string guest, int vcpus)
    {
        OnKvm.Need();
        foreach (string scheduler in Schedulers)
            Recorded.Make(Configure(guest, vcpus), s_managed, scheduler).AssertReplaysOn(OnKvm.Backend, s_managed);
    }

    [SkippableTheory]
    [InlineData("racy")]
    [InlineData("devices")]
    [InlineData("radix")]
    [InlineData("ocean")]
    [InlineData("water")]
    public void A_recording_that_takes_turns_now_and_then_replays_everywhere(string guest)
    {
        OnKvm.Need();
        long turns = 0;
        for (int round = 1; round <= TestTier.Times(2, 30) || (turns == 0 && round < 60); round++)
        {
            Recorded recorded = Recorded.Make(Configure(guest, 2 + (round % 2)), OnKvm.Backend, "turns");
            recorded.AssertReplaysOn(OnKvm.Backend, s_managed);
            turns += recorded.Statistics.TurnPhases;
        }
        Assert.True(turns > 0, "Nobody ever took turns.");
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
            Recorded.Make(Configure(guest, 3), OnKvm.Backend, scheduler, (ulong)seed)
                .AssertReplaysOn(OnKvm.Backend, s_managed);
    }

    [SkippableTheory]
    [InlineData("racy", 13)]
    [InlineData("radix", 13)]
    [InlineData("devices", 13)]
    [InlineData("hello", 13)]
    public void Frames_may_be_larger_than_pages(string guest, int pageShift)
    {
        OnKvm.Need();
        MachineConfiguration configuration = Configure(guest, guest == "hello" ? 1 : 2) with { PageShift = pageShift };
        Recorded.Make(configuration, OnKvm.Backend, "parallel").AssertReplaysOn(OnKvm.Backend, s_managed);
        Recorded.Make(configuration, s_managed, "parallel").AssertReplaysOn(OnKvm.Backend);
    }

    [SkippableTheory]
    [InlineData("racy")]
    [InlineData("devices")]
    public void Many_recordings_have_several_outcomes_and_each_is_replayed(string guest)
    {
        OnKvm.Need();
        // The number of vCPUs alone makes no other outcome: recordings are compared with those of as many.
        int[] vcpus = [2, 4];
        int runs = TestTier.Times(6, 50);
        foreach (int count in vcpus)
        {
            var outcomes = new HashSet<string>();
            for (int run = 0; run < runs; run++)
            {
                Recorded recorded = Recorded.Make(Configure(guest, count), OnKvm.Backend, "parallel");
                recorded.AssertReplaysOn(OnKvm.Backend, s_managed);
                outcomes.Add(recorded.State.Console);
            }
            Console.WriteLine($"{guest} on {count} vCPUs: {outcomes.Count} outcomes of {runs} recordings, all replayed");
            Assert.True(outcomes.Count >= 2,
                $"All recordings of {guest} on {count} vCPUs had one outcome: replaying them proves nothing.");
        }
    }

    public static TheoryData<string> FixedGuests() =>
        [.. GuestCatalog.All.Where(guest => guest.IsDeterministic).Select(guest => guest.Name)];

    [SkippableTheory]
    [MemberData(nameof(FixedGuests))]
    public void Unrecorded_a_guest_with_a_fixed_outcome_prints_on_Kvm_what_it_prints_on_the_managed_machine(string guest)
    {
        OnKvm.Need();
        string expected = MachineRunner.RunUnrecorded(Configure(guest, 1), s_managed).Console;
        Assert.NotEmpty(expected);
        foreach (int vcpus in guest == "hello" ? (int[])[1] : [1, 2, 4])
        {
            Assert.Equal(expected, MachineRunner.RunUnrecorded(Configure(guest, vcpus), OnKvm.Backend).Console);
            MachineConfiguration withoutClock = Configure(guest, vcpus) with { Clock = ClockKind.None };
            Assert.Equal(expected, MachineRunner.RunUnrecorded(withoutClock, OnKvm.Backend).Console);
        }
    }

    private static MachineConfiguration Configure(string guest, int vcpus) =>
        MachineRunner.Configure(guest, vcpus, ClockKind.SoftwareCounter);
}

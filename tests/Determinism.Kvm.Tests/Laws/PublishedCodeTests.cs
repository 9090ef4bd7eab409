using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Laws;

/// <summary>Code that a guest makes, on real vCPUs: writable or executable, never both.</summary>
public class PublishedCodeTests
{
    [SkippableTheory]
    [InlineData("kvm", "parallel")]
    [InlineData("kvm", "chaos")]
    [InlineData("kvm", "serial")]
    [InlineData("managed", "chaos")]
    public void Freshly_published_code_runs_on_both_vcpus_and_replays_alike(string recorder, string scheduler)
    {
        OnKvm.Need();
        for (int seed = 1; seed <= TestTier.Times(3, 30); seed++)
            Duo.RecordAndReplay(recorder, scheduler, (ulong)seed, CodeMakers.TwoThatRunFreshCode);
    }

    [SkippableTheory]
    [InlineData("kvm", false)]
    [InlineData("kvm", true)]
    [InlineData("managed", true)]
    public void Code_that_a_vcpu_has_read_in_part_before_it_runs_it_replays_alike(string recorder, bool byService)
    {
        OnKvm.Need();
        for (int seed = 1; seed <= TestTier.Times(5, 30); seed++)
            Duo.RecordAndReplay(recorder, "chaos", (ulong)seed, CodeMakers.TwoOfWhichOneReadsFirst(byService));
    }

    [SkippableTheory]
    [MemberData(nameof(CodeMakers.Refused), MemberType = typeof(CodeMakers))]
    public void What_may_not_be_published_or_done_with_code_ends_the_run_with_the_reason(string name, string reason)
    {
        OnKvm.Need();
        MachineConfiguration configuration =
            AssembledGuest.Configure(1, ClockKind.SoftwareCounter, CodeMakers.Find(name));
        var error = Assert.Throws<GuestErrorException>(
            () => MachineRunner.RunUnrecorded(configuration, OnKvm.Backend));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<GuestErrorException>(() => MachineRunner.Record(configuration,
            MachineRunner.MakeScheduler("parallel", 1), new MemoryEventLog(configuration.Shape.AgentCount),
            backend: OnKvm.Backend));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}

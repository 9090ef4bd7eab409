using Determinism.Log;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Machine.Tests;

/// <summary>Code that a guest makes: checked, executable only when published, and replayed wherever its polls trap.</summary>
public class PublishedCodeTests
{
    [Theory]
    [InlineData("parallel")]
    [InlineData("serial")]
    [InlineData("chaos")]
    public void Published_code_whose_polls_trap_in_another_frame_replays_alike(string scheduler)
    {
        for (int seed = 1; seed <= TestTier.Times(3, 30); seed++)
        {
            MachineConfiguration configuration =
                AssembledGuest.Configure(2, ClockKind.SoftwareCounter, CodeMakers.TwoThatRunFreshCode);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineState recorded =
                MachineRunner.Record(configuration, MachineRunner.MakeScheduler(scheduler, 2, (ulong)seed), log);
            for (int replay = 0; replay < 2; replay++)
                Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Code_that_a_vcpu_has_read_in_part_before_it_runs_it_replays_alike(bool byService)
    {
        for (int seed = 1; seed <= TestTier.Times(10, 50); seed++)
        {
            MachineConfiguration configuration = AssembledGuest.Configure(
                2, ClockKind.SoftwareCounter, CodeMakers.TwoOfWhichOneReadsFirst(byService));
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            MachineState recorded =
                MachineRunner.Record(configuration, new Scheduling.ChaosScheduler((ulong)seed, 2, 20), log);
            Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
        }
    }

    [Theory]
    [MemberData(nameof(CodeMakers.Refused), MemberType = typeof(CodeMakers))]
    public void What_may_not_be_published_or_done_with_code_ends_the_run_with_the_reason(string name, string reason)
    {
        MachineConfiguration configuration =
            AssembledGuest.Configure(1, ClockKind.SoftwareCounter, CodeMakers.Find(name));
        var error = Assert.Throws<GuestErrorException>(() => MachineRunner.RunUnrecorded(configuration));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<GuestErrorException>(() => MachineRunner.Record(configuration,
            MachineRunner.MakeScheduler("parallel", 1), new MemoryEventLog(configuration.Shape.AgentCount)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_an_exact_clock_any_memory_is_executable_and_publishing_does_nothing()
    {
        MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.RetiredInstructions, code =>
        {
            code.Emit(CodeMakers.Fresh, [0xC3]);
            code.mov(rax, CodeMakers.Fresh);
            code.call(rax);
            code.Service(GuestPort.PublishCode, CodeMakers.Fresh, 1);
            code.Emit(CodeMakers.Fresh, [0x90, 0xC3]);
            code.call(rax);
            code.Service(GuestPort.Exit);
        });
        MachineRunner.RunUnrecorded(configuration);
    }
}

using Determinism.Log;
using Determinism.Machine;

namespace Determinism.Kvm.Tests.Runs;

/// <summary>What cannot be replayed is refused before anything runs, with the reason.</summary>
public class RefusalTests
{
    private static readonly IMachineBackend s_managed = OnKvm.Find("managed");

    [SkippableFact]
    public void A_log_of_retired_instructions_is_refused_by_Kvm()
    {
        OnKvm.Need();
        MemoryEventLog log = RecordHello(configuration => configuration with { Clock = ClockKind.RetiredInstructions });
        string reason = Assert.Throws<MachineRefusedException>(() => MachineRunner.Replay(log, backend: OnKvm.Backend)).Message;
        Assert.Contains("RetiredInstructions", reason, StringComparison.Ordinal);
        Assert.Contains("managed machine", reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_log_of_frames_below_a_page_is_refused_by_Kvm()
    {
        OnKvm.Need();
        MemoryEventLog log = RecordHello(configuration => configuration with { PageShift = 8 });
        Assert.Contains("4096", Assert.Throws<MachineRefusedException>(
            () => MachineRunner.Replay(log, backend: OnKvm.Backend)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_log_of_other_frames_is_refused_with_both_sizes()
    {
        OnKvm.Need();
        MemoryEventLog log = RecordHello(configuration => configuration);
        using GuestMachine other = MachineRunner.NewMachine(
            MachineConfiguration.ReadFrom(log) with { PageShift = 13 }, OnKvm.Backend);
        string reason = Assert.Throws<ReplayRefusedException>(() => MachineRuns.StartReplay(other, log)).Message;
        Assert.Contains("frames of 4096", reason, StringComparison.Ordinal);
        Assert.Contains("frames of 8192", reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_log_of_Kvm_without_a_clock_is_refused_by_the_managed_machine()
    {
        OnKvm.Need();
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.None);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("serial", 1), log, backend: OnKvm.Backend);
        Assert.Contains("not None", Assert.Throws<MachineRefusedException>(
            () => MachineRunner.Replay(log, backend: s_managed)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_program_without_polls_is_refused_when_recording_starts_and_not_when_it_is_replayed()
    {
        OnKvm.Need();
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
        {
            Iced.Intel.Label loop = code.CreateLabel();
            code.Label(ref loop);
            code.jmp(loop);
        });
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        string reason = Assert.Throws<RecordingRefusedException>(() => MachineRunner.Record(
            configuration, MachineRunner.MakeScheduler("parallel", 2), log, backend: OnKvm.Backend)).Message;
        Assert.Contains($"0x{AssembledGuest.Code:X}", reason, StringComparison.Ordinal);
    }

    private static MemoryEventLog RecordHello(Func<MachineConfiguration, MachineConfiguration> change)
    {
        MachineConfiguration configuration = change(MachineRunner.Configure("hello", 1, ClockKind.SoftwareCounter));
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 1), log, backend: s_managed);
        return log;
    }
}

using Determinism.Log;
using Determinism.Recording;

namespace Determinism.Machine.Tests;

/// <summary>Bugs planted into the recording of real guests: replay must not end as if nothing had happened (law L8).</summary>
public class DivergenceTests
{
    private const int Attempts = 12;

    // Planted bugs that leave the recorded run sound, but its log wrong; internal, so by name.
    [Theory]
    [InlineData("LoseConstraint", "racy", ClockKind.RetiredInstructions)]
    [InlineData("LoseConstraint", "racy", ClockKind.SoftwareCounter)]
    [InlineData("PointOffByOne", "racy", ClockKind.RetiredInstructions)]
    [InlineData("PointOffByOne", "racy", ClockKind.SoftwareCounter)]
    [InlineData("SwapInput", "devices", ClockKind.RetiredInstructions)]
    [InlineData("InterruptLate", "devices", ClockKind.RetiredInstructions)]
    [InlineData("InterruptLate", "devices", ClockKind.SoftwareCounter)]
    [InlineData("ReduceNeededConstraint", "racy", ClockKind.RetiredInstructions)]
    [InlineData("SkipReduction", "racy", ClockKind.RetiredInstructions)]
    public void A_bug_planted_into_a_recording_is_caught_by_its_replay(string plant, string guest, ClockKind clock)
    {
        Plant bug = Enum.Parse<Plant>(plant);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (IsCaught(guest, clock, bug, attempt))
                return;
        }
        Assert.Fail($"{plant} was not caught in {Attempts} recordings.");
    }

    [Fact]
    public void The_report_names_agent_event_expected_actual_instruction_and_the_last_events()
    {
        ReplayDivergenceException? divergence = null;
        for (int attempt = 0; attempt < Attempts && divergence?.Report is null; attempt++)
            divergence = Diverge("racy", Plant.PointOffByOne, attempt);
        DivergenceReport report = divergence!.Report!;
        Assert.InRange(report.Agent, 0, 4);
        Assert.True(report.EventNumber > 0);
        Assert.NotEmpty(report.Expected);
        Assert.NotEmpty(report.Actual);
        Assert.NotEmpty(report.LastEvents);
        Assert.Contains("0x", report.Instruction, StringComparison.Ordinal);
        Assert.Contains("rip=", report.State, StringComparison.Ordinal);
        Assert.Contains($"agent {report.Agent} diverged at event {report.EventNumber}", divergence.Message,
            StringComparison.Ordinal);
    }

    private static bool IsCaught(string guest, ClockKind clock, Plant bug, int attempt)
    {
        MachineConfiguration configuration = MachineRunner.Configure(guest, 4, clock);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(configuration,
            MachineRunner.MakeScheduler("chaos", 4, (ulong)attempt + 1), log, session => session.Plant = bug);
        try
        {
            return recorded.FindDifference(MachineRunner.Replay(log)) is not null;
        }
        catch (DeterminismException)
        {
            return true;
        }
    }

    private static ReplayDivergenceException? Diverge(string guest, Plant bug, int attempt)
    {
        MachineConfiguration configuration = MachineRunner.Configure(guest, 4, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("chaos", 4, (ulong)attempt + 1), log,
            session => session.Plant = bug, options => options with { KeepStates = true, DigestInterval = 4 });
        try
        {
            MachineRunner.Replay(log);
            return null;
        }
        catch (ReplayDivergenceException divergence)
        {
            return divergence;
        }
    }
}

using Determinism.Emulation;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Machine.Tests;

public class SessionTests
{
    [Fact]
    public void A_log_kept_in_a_file_replays_by_itself()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);
            MachineState recorded;
            using (var log = new FileEventLog(path, configuration.Shape.AgentCount))
                recorded = MachineRunner.Record(configuration, new ParallelScheduler(), log);
            using var reader = new FileEventLogReader(path);
            Assert.True(reader.IsComplete);
            Assert.Null(recorded.FindDifference(MachineRunner.Replay(reader)));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public void A_replay_that_comes_to_another_state_after_the_last_event_is_found()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, new ParallelScheduler(), log, adjust: options => options with
        {
            FinalState = () => options.FinalState!() ^ 1,
        });
        ReplayDivergenceException divergence =
            Assert.Throws<ReplayDivergenceException>(() => MachineRunner.Replay(log));
        Assert.Contains("another state", divergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_that_was_cut_short_has_no_final_state()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions)
            with { Parameters = [1UL << 40] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session =
            MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Throws<OperationCanceledException>(() => machine.Run(session, cancellation.Token));
        session.Complete();
        Assert.True(log.IsComplete);
        Assert.False(log.TryReadBlock(BlockKind.FinalState, out _));
    }

    [Fact]
    public void A_cancelled_recording_ends_soon_and_cleanly()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 4, ClockKind.RetiredInstructions)
            with { Parameters = [1UL << 40] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session =
            MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Assert.Throws<OperationCanceledException>(() => machine.Run(session, cancellation.Token));
        Assert.True(session.Statistics.EventCount > 0);
    }

    [Fact]
    public void What_was_recorded_before_a_cancellation_replays_up_to_there()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 4, ClockKind.SoftwareCounter)
            with { Parameters = [1UL << 40] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using (GuestMachine machine = MachineRunner.NewMachine(configuration))
        using (RecordingSession session =
            MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System))
        using (var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
            Assert.Throws<OperationCanceledException>(() => machine.Run(session, cancellation.Token));

        using GuestMachine again = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log));
        using ReplaySession replay = MachineRuns.StartReplay(again, log);
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        again.Run(replay, watchdog.Token);
        Assert.False(replay.ReachedEveryEnd);
    }

    [Fact]
    public void The_sharing_profile_finds_the_frame_that_is_falsely_shared()
    {
        MachineConfiguration configuration = MachineRunner.Configure("falseshare", 2, ClockKind.RetiredInstructions);
        RecordingSession? session = null;
        MachineRunner.Record(configuration, new ParallelScheduler(TimeSpan.Zero),
            new MemoryEventLog(configuration.Shape.AgentCount), made => session = made);
        Assert.True(session!.Sharing.Count > 0);
        Diagnostics.Steal hottest = session.Sharing.Hottest[0].Key;
        Assert.NotEqual(hottest.Winner, hottest.Loser);
        Assert.NotEqual(0UL, hottest.WinnerInstruction);
    }

    [Fact]
    public void A_guest_error_names_vcpu_place_and_instruction()
    {
        // ud2 at the start of an otherwise empty program.
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        "\u000f\u000b"u8.CopyTo(machine.Processors.Memory.Slice(configuration.Image.Entry, 2));
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        var error = Assert.Throws<GuestErrorException>(() => machine.Run(session));
        Assert.Contains("vCPU 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("ud2", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Another_guest_clock_or_initial_state_is_refused_with_the_reason()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, new ParallelScheduler(), log);

        using GuestMachine otherGuest = MachineRunner.NewMachine(configuration with { GuestName = "another" });
        Assert.Contains("another", Assert.Throws<ReplayRefusedException>(
            () => MachineRuns.StartReplay(otherGuest, log)).Message, StringComparison.Ordinal);
        using GuestMachine otherClock = MachineRunner.NewMachine(configuration with { Clock = ClockKind.SoftwareCounter });
        Assert.Contains("clock", Assert.Throws<ReplayRefusedException>(
            () => MachineRuns.StartReplay(otherClock, log)).Message, StringComparison.Ordinal);
        using GuestMachine otherStart = MachineRunner.NewMachine(configuration with { Parameters = [7] });
        Assert.Contains("initial state", Assert.Throws<ReplayRefusedException>(
            () => MachineRuns.StartReplay(otherStart, log)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 16UL << 20, 13, "frames of 4096", "frames of 8192")]
    [InlineData(1, 32UL << 20, 12, "16777216 bytes", "33554432 bytes")]
    [InlineData(2, 16UL << 20, 12, "1 vCPUs", "2 vCPUs")]
    public void A_machine_of_another_shape_is_refused_with_both_shapes(
        int vcpus, ulong memoryBytes, int pageShift, string ofTheLog, string ofTheMachine)
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.SoftwareCounter);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, new ParallelScheduler(), log);
        using GuestMachine other = MachineRunner.NewMachine(
            configuration with { VcpuCount = vcpus, MemoryBytes = memoryBytes, PageShift = pageShift });
        string reason = Assert.Throws<ReplayRefusedException>(() => MachineRuns.StartReplay(other, log)).Message;
        Assert.Contains(ofTheLog, reason, StringComparison.Ordinal);
        Assert.Contains(ofTheMachine, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_with_a_nondeterministic_instruction_is_refused_when_recording_starts()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        ElfSymbol main = configuration.Image.Symbols.First(symbol => symbol.Name == "main" && symbol.IsFunction);
        byte[] file = configuration.Image.File.ToArray();
        ElfSegment code = configuration.Image.Segments.First(segment => segment.IsExecutable);
        // rdrand eax, where main begins.
        new byte[] { 0x0F, 0xC7, 0xF0 }.CopyTo(file.AsSpan(code.FileOffset + (int)(main.Address - code.Address)));
        MachineConfiguration changed = configuration with { Image = ElfImage.Parse(file) };
        var refused = Assert.Throws<RecordingRefusedException>(() => MachineRunner.Record(
            changed, new ParallelScheduler(), new MemoryEventLog(changed.Shape.AgentCount)));
        Assert.Contains("rdrand", refused.Message, StringComparison.Ordinal);
        Assert.Contains("main", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_managed_clock_passes_its_probe()
    {
        using IGuestProcessors processors = new ManagedBackend().Create(
            MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions));
        Assert.Empty(Assert.IsAssignableFrom<IPreflightCheck>(processors).FindObstacles());
    }
}

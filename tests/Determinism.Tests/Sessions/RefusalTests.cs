using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>What cannot be done soundly is refused before anything runs, with the reason.</summary>
public class RefusalTests
{
    private static readonly BackendCapabilities s_whole = new()
    {
        Identity = "fake 1",
        ProcessorIdentity = "none",
        Clock = ClockKind.RetiredInstructions,
        CanProtectFrames = true,
        CanStopVcpu = true,
        MaximumVcpus = 4,
    };

    public static TheoryData<string> Recordings => new(s_recordings.Keys.ToArray());

    public static TheoryData<string> Replays => new(s_replays.Keys.ToArray());

    private static readonly Dictionary<string, BackendCapabilities> s_recordings = new()
    {
        ["at most 1 vCPUs"] = s_whole with { MaximumVcpus = 1 },
        ["Without a clock"] = s_whole with { Clock = ClockKind.None },
        ["cannot take a frame"] = s_whole with { CanProtectFrames = false },
        ["cannot stop a running vCPU"] = s_whole with { CanStopVcpu = false },
    };

    private static readonly Dictionary<string, BackendCapabilities> s_replays = new()
    {
        ["recorded with the clock RetiredInstructions"] = s_whole with { Clock = ClockKind.HardwareBranches },
        ["recorded by fake 1"] = s_whole with { Identity = "fake 2" },
        ["recorded on the processor none"] = s_whole with { ProcessorIdentity = "other" },
        ["It has 2 vCPUs"] = s_whole with { MaximumVcpus = 1 },
    };

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_parallel_recording_is_refused_for(string reason)
    {
        using var driven = new Driven(2) { Backend = new FakeBackend(2) { Capabilities = s_recordings[reason] } };
        var refusal = Assert.Throws<RecordingRefusedException>(driven.Record);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.False(driven.Log.TryReadBlock(BlockKind.Header, out _), "Nothing may be written by then.");
    }

    [Fact]
    public void Serialised_recording_needs_neither_clock_nor_protection_nor_stops()
    {
        using var driven = new Driven(2)
        {
            Backend = new FakeBackend(2)
            {
                Capabilities = s_whole with { Clock = ClockKind.None, CanProtectFrames = false, CanStopVcpu = false },
            },
        };
        using var serial = new Driven(2) { Backend = driven.Backend, Options = driven.Options with { Scheduler = new SerialScheduler() } };
        using RecordingSession session = serial.Record();
        Assert.Equal(OwnershipScope.Machine, session.Scope);
    }

    [Fact]
    public void The_software_counter_without_protection_is_refused_even_serialised()
    {
        using var driven = new Driven(2)
        {
            Backend = new FakeBackend(2)
            {
                Capabilities = s_whole with { Clock = ClockKind.SoftwareCounter, CanProtectFrames = false },
            },
        };
        using var serial = new Driven(2) { Backend = driven.Backend, Options = driven.Options with { Scheduler = new SerialScheduler() } };
        var refusal = Assert.Throws<RecordingRefusedException>(serial.Record);
        Assert.Contains("replayed by protection", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backends_own_obstacles_are_all_told()
    {
        using var driven = new Driven(2)
        {
            Backend = new FakeBackend(2) { Obstacles = ["The clock is wrong.", "The moon is full."] },
        };
        var refusal = Assert.Throws<RecordingRefusedException>(driven.Record);
        Assert.Contains("The clock is wrong. The moon is full.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_with_another_number_of_streams_is_refused()
    {
        using var driven = new Driven(2);
        using var log = new MemoryEventLog(3);
        Assert.Throws<ArgumentException>(() => RecordingSession.Start(driven.Backend, driven.Shape, log, driven.Options));
    }

    [Theory]
    [InlineData(0, 12)]
    [InlineData(255, 12)]
    [InlineData(2, 5)]
    [InlineData(2, 31)]
    public void An_impossible_shape_is_refused(int vcpus, int pageShift)
    {
        using var driven = new Driven(2);
        using var log = new MemoryEventLog(1);
        MachineShape shape = driven.Shape with { VcpuCount = vcpus, PageShift = pageShift };
        Assert.Throws<ArgumentOutOfRangeException>(
            () => RecordingSession.Start(driven.Backend, shape, log, driven.Options));
    }

    [Theory]
    [MemberData(nameof(Replays))]
    public void A_replay_is_refused_for(string reason)
    {
        using var driven = new Driven(2) { Backend = new FakeBackend(2) { Capabilities = s_whole } };
        driven.Record().Dispose();
        var refusal = Assert.Throws<ReplayRefusedException>(
            () => driven.Replay(new FakeBackend(2) { Capabilities = s_replays[reason] }));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another", 1, "guest driven")]
    [InlineData("driven", 2, "another initial state")]
    public void A_replay_of_something_else_is_refused(string guest, int state, string reason)
    {
        using var driven = new Driven(2);
        driven.Record().Dispose();
        var refusal = Assert.Throws<ReplayRefusedException>(() => ReplaySession.Start(new FakeBackend(2), driven.Log,
            new ReplayOptions { Guest = guest, InitialState = (ulong)state }));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_of_the_software_counter_crosses_backends_and_processors()
    {
        using var driven = new Driven(2, clock: ClockKind.SoftwareCounter);
        driven.Record().Dispose();
        using ReplaySession session = driven.Replay(new FakeBackend(2)
        {
            Capabilities = s_whole with
            {
                Clock = ClockKind.SoftwareCounter, Identity = "other", ProcessorIdentity = "other",
            },
        });
        Assert.False(session.IsOver);
    }

    [Fact]
    public void A_log_without_a_header_is_damaged()
    {
        using var log = new MemoryEventLog(1);
        Assert.Throws<LogDamagedException>(() => ReplaySession.ReadHeader(log));
    }
}

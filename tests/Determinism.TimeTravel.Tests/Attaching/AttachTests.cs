using System.Buffers;
using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Replaying;
using Determinism.Scheduling;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.Attaching;

/// <summary>A machine that runs unrecorded is recorded for a while, and again; nothing of it is lost.</summary>
public class AttachTests(ITestOutputHelper output)
{
    public static TheoryData<string, ClockKind, string, string> Ways()
    {
        var ways = new TheoryData<string, ClockKind, string, string>();
        foreach (string guest in (string[])["racy", "devices", "radix"])
        {
            foreach (string scheduler in (string[])["parallel", "chaos", "serial"])
            {
                ways.Add(guest, ClockKind.RetiredInstructions, "managed", scheduler);
                ways.Add(guest, ClockKind.SoftwareCounter, "managed", scheduler);
                ways.Add(guest, ClockKind.SoftwareCounter, "kvm", scheduler);
            }
        }
        return ways;
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public void Every_recorded_stretch_replays_exactly_and_the_guest_comes_to_its_right_end(
        string guest, ClockKind clock, string backend, string scheduler)
    {
        if (backend == "kvm")
            Recorded.NeedKvm();
        int stretches = 0;
        int detached = 0;
        for (int round = 0; round < TestTier.Times(2, 20); round++)
        {
            int seed = HashCode.Combine((int)clock, guest.Length, backend.Length, scheduler.Length, round) & 0xFFFF;
            output.WriteLine($"seed {seed}");
            var stretch = new Stretches(guest, clock, backend, scheduler, seed);
            stretch.Run();
            stretches += stretch.Logs.Count;
            detached += stretch.Detached;
            foreach (MemoryEventLog log in stretch.Logs)
                Assert.Null(Replay(log, "managed", stretch.Logs.IndexOf(log)));
            if (backend == "kvm" && stretch.Logs is [var first, ..])
                Assert.Null(Replay(first, "kvm", 0));
        }
        output.WriteLine($"{stretches} stretches, {detached} of them detached");
        Assert.NotEqual(0, detached);
    }

    [Fact]
    public void An_end_that_is_off_by_one_is_found()
    {
        Stretches stretch = Detach(static seed => new Stretches("racy", ClockKind.RetiredInstructions, "managed", "chaos", seed) { Plant = Plant.EndOffByOne });
        Assert.NotNull(Replay(stretch.Logs[0], "managed", 0));
    }

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void Devices_that_the_beginning_forgets_are_found(ClockKind clock)
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            var stretch = new Stretches("devices", clock, "managed", "chaos", seed) { Wrap = static inner => new WithoutHandlers(inner) };
            stretch.Run();
            if (stretch.Logs.Exists(log => Replay(log, "managed", 0) is not null))
                return;
        }
        Assert.Fail("No replay missed them.");
    }

    [Fact]
    public void A_detached_log_is_gone_through_to_its_end_and_no_further()
    {
        Stretches stretch = Detach(static seed => new Stretches("racy", ClockKind.RetiredInstructions, "managed", "chaos", seed));
        MemoryEventLog log = stretch.Logs[0];
        Cut end = LogEnd.Find(log)!;
        using var travel = new Machine.TimeTravel(log, Recorded.Managed, TimeProvider.System);
        travel.GoTo(end);
        log.TryReadBlock(BlockKind.FinalState, out ReadOnlyMemory<byte> recorded);
        Assert.Equal(BitConverter.ToUInt64(recorded.Span), MachineState.DigestOf(travel.Machine));
        travel.GoToCount(0, ulong.MaxValue - 1);
        Assert.Equal(end.Positions[0], travel.Here.Positions[0]);
        using var history = new Emulation.History.RecordedHistory(log);
        history.Advance(ulong.MaxValue, null, CancellationToken.None);
        Assert.Equal(0, history.NextThread);
    }

    [Theory]
    [InlineData("racy")]
    [InlineData("devices")]
    public void Where_it_was_detached_another_execution_goes_on(string guest)
    {
        Stretches stretch = Detach(seed => new Stretches(guest, ClockKind.SoftwareCounter, "managed", "chaos", seed));
        MemoryEventLog log = stretch.Logs[0];
        using var travel = new Machine.TimeTravel(log, Recorded.Managed, TimeProvider.System);
        travel.GoTo(LogEnd.Find(log)!);
        GoingLive.Child child = GoingLive.Child.Run(travel.TakeSnapshot(), travel.Configuration, "managed", 1);
        Assert.Equal(StateDigest.Of(travel.Machine), child.StateAtStart());
        Assert.Null(child.Replay("managed"));
    }

    [Fact]
    public void Whoever_is_not_recorded_cannot_be_detached_nor_attached_to_twice()
    {
        using GuestMachine machine = Stretches.NewMachine("racy", ClockKind.RetiredInstructions, "managed", 1);
        using var running = new RunningMachine(machine, TimeProvider.System);
        Assert.Throws<InvalidOperationException>(running.Detach);
        running.Attach(new MemoryEventLog(3), new ParallelScheduler());
        Assert.Throws<InvalidOperationException>(() => running.Attach(new MemoryEventLog(3), new ParallelScheduler()));
        running.Detach();
        // One that is refused leaves the machine as it was.
        Assert.Throws<ArgumentException>(() => running.Attach(new MemoryEventLog(7), new ParallelScheduler()));
        Assert.False(running.Session.IsHandedOver);
        running.WaitForEnd();
        Assert.All(machine.ExitCodes, static code => Assert.Equal(0UL, code));
        Assert.Throws<InvalidOperationException>(() => running.Attach(new MemoryEventLog(3), new ParallelScheduler()));
    }

    [Fact]
    public async Task A_log_that_cannot_be_closed_does_not_end_the_machine()
    {
        using GuestMachine machine = Stretches.NewMachine("racy", ClockKind.RetiredInstructions, "managed", 1);
        using var running = new RunningMachine(machine, TimeProvider.System);
        using var memory = new MemoryEventLog(3);
        running.Attach(new Unclosable(memory), new ParallelScheduler());
        Task end = Task.Run(running.WaitForEnd);
        Assert.Throws<LogWriteException>(running.Detach);
        Assert.IsType<UnrecordedSession>(running.Session);
        var next = new MemoryEventLog(3);
        running.Attach(next, new ParallelScheduler());
        running.Detach();
        await end;
        Assert.All(machine.ExitCodes, static code => Assert.Equal(0UL, code));
        Assert.Null(Replay(next, "managed", 0));
    }

    [Fact]
    public void Nobody_waits_for_less_than_nothing_or_for_ever()
    {
        using GuestMachine machine = Stretches.NewMachine("racy", ClockKind.RetiredInstructions, "managed", 1);
        foreach (TimeSpan patience in (TimeSpan[])[TimeSpan.Zero, Timeout.InfiniteTimeSpan, TimeSpan.FromDays(25)])
            Assert.Throws<ArgumentOutOfRangeException>(() => new RunningMachine(machine, TimeProvider.System, patience));
    }

    /// <summary>Runs until one was detached before its guest ended.</summary>
    private static Stretches Detach(Func<int, Stretches> make)
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            Stretches stretch = make(seed);
            stretch.Run();
            if (stretch.Detached > 0)
                return stretch;
        }
        throw new InvalidOperationException("The guest ends too soon.");
    }

    private static string? Replay(MemoryEventLog log, string backend, int index)
    {
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), Recorded.Find(backend),
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0, TimeLimit = TimeSpan.FromMinutes(1) });
        try
        {
            using ReplaySession session = MachineRuns.StartReplay(machine, log);
            machine.Run(session);
            // The final state is in the log, and was compared.
            return !log.IsComplete ? "the log is not complete"
                : !log.TryReadBlock(BlockKind.FinalState, out _) ? "it has no final state"
                : session.ReachedEveryEnd ? null : $"stretch {index} does not come to its end";
        }
        catch (Exception error) when (error is DeterminismException or LogDamagedException)
        {
            return $"stretch {index}: {error.Message}";
        }
    }

    /// <summary>A log on a disk that is full in the end.</summary>
    private sealed class Unclosable(MemoryEventLog log) : IEventLog
    {
        public int StreamCount => log.StreamCount;

        public LogPosition Append(int stream, ReadOnlySpan<byte> encoded) => log.Append(stream, encoded);

        public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content) => log.AppendBlock(kind, content);

        public void WaitForCommit(LogPosition position) => log.WaitForCommit(position);

        public void Complete() => throw new LogWriteException("The disk is full.");

        public void Dispose()
        {
        }
    }

    /// <summary>Saves a machine whose vCPUs have no interrupt handlers.</summary>
    private sealed class WithoutHandlers(ICheckpointState inner) : ICheckpointState
    {
        public void Save(IBufferWriter<byte> destination)
        {
            var buffer = new ArrayBufferWriter<byte>();
            inner.Save(buffer);
            byte[] state = buffer.WrittenSpan.ToArray();
            var machine = (GuestMachine)inner;
            int registers = System.Runtime.InteropServices.Marshal.SizeOf<X86.X86Registers>();
            int bytes = registers + 8 + 4 + 1 + 24 + 4 + 33;
            for (int vcpu = 0; vcpu < machine.Configuration.VcpuCount; vcpu++)
                state.AsSpan(machine.DiskContent.Length + 8 + (vcpu * bytes) + registers + 13, 8).Clear();
            destination.Write(state);
        }

        public void Load(ReadOnlySpan<byte> state) => inner.Load(state);
    }
}

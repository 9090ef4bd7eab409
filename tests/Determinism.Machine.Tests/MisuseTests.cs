using Determinism.Log;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.Machine.Tests;

/// <summary>What a caller or the log does wrong is told, and soon.</summary>
public class MisuseTests
{
    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void A_session_may_outlive_the_machine_that_it_ran(ClockKind clock)
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, clock);
        GuestMachine machine = MachineRunner.NewMachine(configuration);
        UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        machine.Run(session);
        machine.Dispose();
        session.Dispose();
    }

    private const ulong Address = 0x80_0000;

    [Fact]
    public void A_span_is_of_no_use_once_it_is_closed_and_closing_it_again_leaves_the_next_one_open()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        using RecordingSession session = MachineRuns.StartRecording(machine,
            new MemoryEventLog(configuration.Shape.AgentCount), new ParallelScheduler(), TimeProvider.System);
        AgentSession disk = session.Agent(machine.DiskAgent);
        MemoryAccess[] accesses = [new MemoryAccess(Address, 8, AccessRight.ReadWrite)];
        MemorySpan first = disk.Open(accesses);
        first.Dispose();
        Assert.False(first.IsOpen);
        bool isRefused = false;
        try
        {
            first.Write(Address, new byte[8]);
        }
        catch (InvalidOperationException)
        {
            isRefused = true;
        }
        Assert.True(isRefused, "A closed span wrote to memory.");

        MemorySpan second = disk.Open(accesses);
        first.Dispose();
        Assert.True(second.IsOpen);
        second.Dispose();
    }

    [Theory]
    [InlineData(-1, 1000)]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    public void Options_out_of_their_range_are_refused(int digestInterval, int answerMilliseconds)
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions);
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        Assert.Throws<ArgumentOutOfRangeException>(() => MachineRuns.StartRecording(machine,
            new MemoryEventLog(configuration.Shape.AgentCount), new ParallelScheduler(), TimeProvider.System,
            options => options with
            {
                DigestInterval = digestInterval, AnswerTimeout = TimeSpan.FromMilliseconds(answerMilliseconds),
            }));
    }

    [Fact]
    public async Task A_log_that_fails_while_one_vcpu_acts_for_another_ends_the_run()
    {
        for (int attempt = 0; attempt < 10; attempt++)
        {
            MachineConfiguration configuration = MachineRunner.Configure("racy", 4, ClockKind.RetiredInstructions);
            var log = new FailingLog(configuration.Shape.AgentCount);
            GuestMachine machine = MachineRunner.NewMachine(configuration);
            RecordingSession session = MachineRuns.StartRecording(machine, log,
                new ChaosScheduler((ulong)attempt + 1, 4), TimeProvider.System);
            // Not disposed of when it hangs: its vCPUs would run on freed memory.
            Task run = Task.Run(() => machine.Run(session));
            await Assert.ThrowsAsync<DeterminismException>(() => run.WaitAsync(TimeSpan.FromSeconds(20)));
            session.Dispose();
            machine.Dispose();
        }
    }

    /// <summary>A disk that is full when it comes to writing into a stream from another vCPU's thread.</summary>
    private sealed class FailingLog(int streams) : IEventLog
    {
        private readonly MemoryEventLog _log = new(streams);

        public int StreamCount => streams;

        public LogPosition Append(int stream, ReadOnlySpan<byte> encoded) =>
            Thread.CurrentThread.Name is { } name && name.StartsWith("vCPU ", StringComparison.Ordinal)
                && name != $"vCPU {stream}" ? throw new IOException("The disk is full.") : _log.Append(stream, encoded);

        public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content) => _log.AppendBlock(kind, content);

        public void WaitForCommit(LogPosition position) => _log.WaitForCommit(position);

        public void Complete() => _log.Complete();

        public void Dispose() => _log.Dispose();
    }

    [Fact]
    public void A_cancellation_that_the_surroundings_throw_while_recording_is_an_error_not_a_silent_end()
    {
        MachineConfiguration configuration = MachineRunner.Configure("devices", 1, ClockKind.RetiredInstructions);
        using var machine = new GuestMachine(configuration, new Emulation.ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System,
            Entropy = static () => throw new OperationCanceledException("The source of randomness was closed."),
        });
        using RecordingSession session = MachineRuns.StartRecording(machine,
            new MemoryEventLog(configuration.Shape.AgentCount), new ParallelScheduler(), TimeProvider.System);
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var error = Assert.Throws<DeterminismException>(() => machine.Run(session, watchdog.Token));
        Assert.Contains("randomness", error.Message, StringComparison.Ordinal);
    }
}

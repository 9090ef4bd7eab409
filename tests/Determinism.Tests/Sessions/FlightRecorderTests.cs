using Determinism.Checkpoints;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Tests.Logs;
using Determinism.Tests.Scripted;
using Xunit.Abstractions;

namespace Determinism.Tests.Sessions;

/// <summary>A flight recorder whose log grows while it reads it.</summary>
public sealed class FlightRecorderTests(ITestOutputHelper output) : IDisposable
{
    private const int Budget = 64 << 10;

    private readonly Driven _driven = new(1);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Nothing_is_dropped_while_a_whole_checkpoint_is_put_together()
    {
        var storage = new SlowlyRead(FolderStorage.CreateNew(_folder.File("log")));
        using var recorder = new FlightRecorder(storage, _driven.Shape.AgentCount, new FlightRecorderOptions
        {
            KeepBytes = Budget, Time = TimeProvider.System,
        });
        // As much is written while one segment is opened as is kept altogether.
        storage.Opens = () =>
        {
            long written = recorder.Log.Writer.Written;
            while (recorder.Status.DroppedSegments > 0 && recorder.Log.Writer.Written < written + (2 * Budget))
                Thread.Yield();
        };
        using RecordingSession session = RecordingSession.Start(_driven.Backend, _driven.Shape, recorder.Log,
            _driven.Options with { Checkpoints = recorder.CheckpointsOf(new NoState()) });
        Thread loop = session.StartAgent(0, RunForEver);
        Driven.Until(() => storage.Opened > 50 || session.IsOver, "for the log to be read.");
        session.Cancel();
        loop.Join();
        session.Complete();
        output.WriteLine(recorder.Status.ToString());
        Assert.True(LogVerifier.Verify(_folder.File("log")).IsIntact);
    }

    [Fact]
    public void Its_checkpoints_are_for_its_log_alone()
    {
        using var recorder = new FlightRecorder(_folder.File("log"), _driven.Shape.AgentCount, new FlightRecorderOptions
        {
            KeepBytes = Budget, Time = TimeProvider.System,
        });
        using var other = new FileEventLog(_folder.File("other"), _driven.Shape.AgentCount);
        RecordingOptions options = _driven.Options with { Checkpoints = recorder.CheckpointsOf(new NoState()) };
        foreach (IEventLog log in (IEventLog[])[other, _driven.Log])
            Assert.Throws<ArgumentException>(() => RecordingSession.Start(_driven.Backend, _driven.Shape, log, options));
    }

    [Fact]
    public void A_machine_whose_devices_hold_too_much_for_a_block_is_too_large()
    {
        using RecordingSession session = RecordingSession.Start(_driven.Backend, _driven.Shape, _driven.Log,
            _driven.Options with { Checkpoints = new CheckpointOptions { State = new NoState() } });
        Thread loop = session.StartAgent(0, RunForEver);
        Assert.Equal(1, session.Checkpoint());
        session.Cancel();
        loop.Join();
        session.Complete();
        Assert.NotNull(WholeMemory.Read(_driven.Log, 1, [], stateBytes: 1 << 20));
        Assert.Null(WholeMemory.Read(_driven.Log, 1, [], stateBytes: int.MaxValue - (8 << 20)));
    }

    public void Dispose()
    {
        _driven.Dispose();
        _folder.Dispose();
    }

    private void RunForEver(AgentSession agent)
    {
        var bytes = new byte[512];
        while (Driven.RunTo(agent, _driven.Backend, agent.Point.Count + 1, ExitKind.Stopped))
            agent.Input(1, bytes, static destination => destination.Length);
    }

    private sealed class NoState : ICheckpointState
    {
        public void Save(System.Buffers.IBufferWriter<byte> destination)
        {
        }

        public void Load(ReadOnlySpan<byte> state)
        {
        }
    }

    /// <summary>A folder in which something happens whenever whoever makes checkpoints opens a file.</summary>
    private sealed class SlowlyRead(FolderStorage folder) : ILogStorage, ILogFileRemoval
    {
        private int _opened;

        public Action Opens { get; set; } = static () => { };

        public int Opened => Volatile.Read(ref _opened);

        public IReadOnlyList<string> List() => folder.List();

        public ILogFile Create(string name) => folder.Create(name);

        public ILogFile Open(string name)
        {
            Opens();
            Interlocked.Increment(ref _opened);
            return folder.Open(name);
        }

        public void Rename(string from, string to) => folder.Rename(from, to);

        public void Remove(string name) => folder.Remove(name);

        public void SyncNames() => folder.SyncNames();
    }
}

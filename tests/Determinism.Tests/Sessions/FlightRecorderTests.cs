using Determinism.Checkpoints;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Tests.Logs;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>What a flight recorder refuses, and what is too large for it.</summary>
public sealed class FlightRecorderTests : IDisposable
{
    private const int Budget = 64 << 10;

    private readonly Driven _driven = new(1);
    private readonly TemporaryFolder _folder = new();

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
}

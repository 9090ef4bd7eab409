using Determinism.Checkpoints;
using Determinism.Diagnostics;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism;

/// <summary>Starts sessions with the host's options, and lets its metrics, log and traces see them.</summary>
/// <remarks>Thread-safe. Resolve it once: it has all that it needs, and nothing is resolved while a guest runs.</remarks>
public sealed class SessionFactory
{
    private readonly DeterminismOptions _options;
    private readonly TimeProvider _time;
    private readonly SessionObserver _observer;

    internal SessionFactory(DeterminismOptions options, TimeProvider time, SessionObserver observer)
    {
        // Those of the host can be changed by anybody who asks for them.
        _options = options with { };
        _time = time;
        _observer = observer;
    }

    /// <summary>Starts a recording.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="log">Where to; as many streams as agents.</param>
    /// <param name="guest">The guest's identity.</param>
    /// <param name="initialState">Digest of all that the run starts from.</param>
    /// <param name="adjust">Changes what the host's options do not say, such as promised frames; null to leave it.</param>
    /// <returns>The session; complete it when all agents have ended, and dispose it.</returns>
    /// <exception cref="ArgumentException">The log has not one stream an agent, or the shape is out of its range.</exception>
    /// <exception cref="RecordingRefusedException">The recording could not be replayed.</exception>
    public RecordingSession StartRecording(IVmBackend backend, MachineShape shape, IEventLog log, string guest,
        ulong initialState, Func<RecordingOptions, RecordingOptions>? adjust = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(guest);
        return _observer.Start(SessionKind.Record, guest, () =>
        {
            var options = new RecordingOptions
            {
                Scheduler = _options.MakeScheduler(shape.VcpuCount),
                Time = _time,
                Guest = guest,
                InitialState = initialState,
                DigestInterval = _options.DigestInterval,
                KeepStates = _options.KeepStates,
                AnswerTimeout = _options.AnswerTimeout,
            };
            return RecordingSession.Start(backend, shape, log, adjust is null ? options : adjust(options));
        });
    }

    /// <summary>Checkpoints as the host's options want them, for <see cref="RecordingOptions.Checkpoints"/>.</summary>
    /// <param name="state">What the machine has beside its memory.</param>
    public CheckpointOptions MakeCheckpoints(ICheckpointState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new CheckpointOptions
        {
            State = state, Interval = _options.CheckpointInterval ?? Timeout.InfiniteTimeSpan, Events = _options.CheckpointEvents,
            LogBytes = _options.CheckpointLogBytes,
        };
    }

    /// <summary>Creates a flight recorder with the host's budget; record into its log, with its checkpoints.</summary>
    /// <param name="path">A new or empty folder.</param>
    /// <param name="streamCount">Number of agents, 1 to 254.</param>
    /// <param name="log">How the log is written; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The host's options have no budget.</exception>
    /// <exception cref="IOException">There is something already, or the files cannot be made.</exception>
    public FlightRecorder CreateFlightRecorder(string path, int streamCount, LogWriteOptions? log = null)
    {
        if (_options.FlightRecorderBytes == 0 && _options.FlightRecorderTime == TimeSpan.Zero)
            throw new InvalidOperationException($"Set {nameof(DeterminismOptions.FlightRecorderBytes)} or {nameof(DeterminismOptions.FlightRecorderTime)}.");
        var options = new FlightRecorderOptions
        {
            KeepBytes = _options.FlightRecorderBytes, KeepTime = _options.FlightRecorderTime, Time = _time, Log = log ?? new LogWriteOptions(),
        };
        return new FlightRecorder(path, streamCount,
            _options.CheckpointInterval is { } interval ? options with { CheckpointInterval = interval } : options);
    }

    /// <summary>Starts a replay.</summary>
    /// <param name="backend">The machine, in the state that the recording started from.</param>
    /// <param name="log">The log.</param>
    /// <param name="guest">The guest's identity; must be that of the log.</param>
    /// <param name="initialState">Digest of all that the run starts from; must be that of the log.</param>
    /// <param name="adjust">Sets more: the shape to check against, text for reports; null to leave it.</param>
    /// <returns>The session; complete it when all agents have ended, and dispose it.</returns>
    /// <exception cref="ReplayRefusedException">This machine cannot replay the log.</exception>
    /// <exception cref="LogDamagedException">The log has no readable header, or not a stream an agent.</exception>
    public ReplaySession StartReplay(IVmBackend backend, IEventLogReader log, string guest, ulong initialState,
        Func<ReplayOptions, ReplayOptions>? adjust = null)
    {
        ArgumentNullException.ThrowIfNull(guest);
        return _observer.Start(SessionKind.Replay, guest, () =>
        {
            var options = new ReplayOptions { Guest = guest, InitialState = initialState, Time = _time };
            return ReplaySession.Start(backend, log, adjust is null ? options : adjust(options));
        });
    }

    /// <summary>Starts a run that is neither recorded nor replayed.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="guest">The guest's identity, for log records and traces.</param>
    /// <returns>The session; complete it when all agents have ended, and dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The shape is out of its range.</exception>
    public UnrecordedSession StartUnrecorded(IVmBackend backend, MachineShape shape, string guest)
    {
        ArgumentNullException.ThrowIfNull(guest);
        return _observer.Start(SessionKind.Unrecorded, guest, () => UnrecordedSession.Start(backend, shape));
    }
}

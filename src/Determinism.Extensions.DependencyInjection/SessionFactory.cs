using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism;

/// <summary>Starts recordings and replays with the host's options. Resolve it once; nothing is resolved on an exit.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SessionFactory
{
    private readonly DeterminismOptions _options;
    private readonly TimeProvider _time;

    internal SessionFactory(DeterminismOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>Starts a recording.</summary>
    /// <param name="backend">The machine.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="log">Where to.</param>
    /// <param name="guest">The guest's identity.</param>
    /// <param name="initialState">Digest of all that the run starts from.</param>
    /// <exception cref="RecordingRefusedException">The recording could not be replayed.</exception>
    public RecordingSession StartRecording(
        IVmBackend backend, MachineShape shape, IEventLog log, string guest, ulong initialState)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return RecordingSession.Start(backend, shape, log, new RecordingOptions
        {
            Scheduler = _options.MakeScheduler(shape.VcpuCount),
            Time = _time,
            Guest = guest,
            InitialState = initialState,
            DigestInterval = _options.DigestInterval,
            KeepStates = _options.KeepStates,
            AnswerTimeout = _options.AnswerTimeout,
        });
    }

    /// <summary>Starts a replay.</summary>
    /// <param name="backend">The machine, in the state that the recording started from.</param>
    /// <param name="log">The log.</param>
    /// <param name="guest">The guest's identity.</param>
    /// <param name="initialState">Digest of all that the run starts from.</param>
    /// <param name="text">Turns instructions and states into text for reports.</param>
    /// <exception cref="ReplayRefusedException">This machine cannot replay the log.</exception>
#pragma warning disable CA1822 // Beside its twin, where a reader looks for it.
    public ReplaySession StartReplay(
        IVmBackend backend, IEventLogReader log, string guest, ulong initialState, IInstructionText? text = null) =>
        ReplaySession.Start(backend, log, new ReplayOptions { Guest = guest, InitialState = initialState, Text = text });
#pragma warning restore CA1822
}

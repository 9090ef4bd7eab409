using Determinism.Recording;
using Determinism.Replaying;
using Determinism.X86;

namespace Determinism.Machine;

/// <summary>Whole runs of the sample machine: unrecorded, recorded, replayed.</summary>
public static class MachineRuns
{
    /// <summary>Records a machine's run into a log, with all that a replay starts from.</summary>
    /// <param name="machine">A machine that has not run.</param>
    /// <param name="log">Where to; one stream more than there are vCPUs.</param>
    /// <param name="scheduler">Which vCPU runs when.</param>
    /// <param name="time">Time for hold times; none of it reaches the guest.</param>
    /// <param name="adjust">Changes to the options; none by default.</param>
    /// <exception cref="RecordingRefusedException">The recording could not be replayed; or the state that it is to begin at is not of
    /// such a machine.</exception>
    /// <exception cref="LogDamagedException">That state cannot be read.</exception>
    public static RecordingSession StartRecording(GuestMachine machine, IEventLog log, IVcpuScheduler scheduler,
        TimeProvider time, Func<RecordingOptions, RecordingOptions>? adjust = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        MachineConfiguration configuration = machine.Configuration;
        var options = new RecordingOptions
        {
            Scheduler = scheduler,
            Time = time,
            Guest = configuration.GuestName,
            InitialState = configuration.Digest,
            FinalState = () => MachineState.DigestOf(machine),
            State = machine,
            WriteMachine = configuration.WriteTo,
            SharedFrames = [.. CodeFrames.Find(configuration), .. GuestLayout.ControlFrames(configuration.PageShift)],
        };
        return RecordingSession.Start(machine.Processors, configuration.Shape, log, adjust is null ? options : adjust(options));
    }

    /// <summary>Starts a replay of a log on a machine built from <see cref="MachineConfiguration.ReadFrom"/>.</summary>
    /// <param name="machine">A machine that has not run.</param>
    /// <param name="log">The log.</param>
    /// <param name="withholdConstraints">Withholds the constraints, as a control.</param>
    /// <exception cref="ReplayRefusedException">The log cannot be replayed on this machine.</exception>
    public static ReplaySession StartReplay(GuestMachine machine, IEventLogReader log, bool withholdConstraints = false) =>
        StartReplay(machine, log, options => options with { WithholdConstraints = withholdConstraints });

    /// <summary>Starts a replay of a log, perhaps from a checkpoint or up to a cut, on a machine built from
    /// <see cref="MachineConfiguration.ReadFrom"/>.</summary>
    /// <param name="machine">A machine that has not run.</param>
    /// <param name="log">The log.</param>
    /// <param name="adjust">Changes to the options.</param>
    /// <exception cref="ReplayRefusedException">The log cannot be replayed on this machine.</exception>
    /// <exception cref="LogDamagedException">What the replay starts from cannot be read.</exception>
    public static ReplaySession StartReplay(GuestMachine machine, IEventLogReader log,
        Func<ReplayOptions, ReplayOptions> adjust)
    {
        ArgumentNullException.ThrowIfNull(adjust);
        ArgumentNullException.ThrowIfNull(machine);
        MachineConfiguration configuration = machine.Configuration;
        return ReplaySession.Start(machine.Processors, log, adjust(new ReplayOptions
        {
            Guest = configuration.GuestName,
            InitialState = configuration.Digest,
            FinalState = () => MachineState.DigestOf(machine),
            Shape = configuration.Shape,
            Text = new X86InstructionText(),
            State = machine,
            Time = machine.Time,
        }));
    }

    /// <summary>Starts an unrecorded run.</summary>
    /// <param name="machine">A machine that has not run.</param>
    public static UnrecordedSession StartUnrecorded(GuestMachine machine) => StartUnrecorded(machine, null);

    /// <summary>Goes on, unrecorded, with a machine that another session has handed over.</summary>
    /// <param name="machine">The machine; its run under the session before has returned.</param>
    /// <param name="standing">Where it stands; null for a machine that has not run.</param>
    public static UnrecordedSession StartUnrecorded(GuestMachine machine, StandingMachine? standing)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return UnrecordedSession.Start(machine.Processors, machine.Configuration.Shape, standing);
    }
}

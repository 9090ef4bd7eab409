using System.Diagnostics;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.SharingOverhead.Measuring;

/// <summary>One guest on one number of vCPUs, in all its variants: one after the other in each round, each round beginning
/// with another one (but for replays), so that noise meets all alike.</summary>
internal sealed class Case
{
    // A quantum that takes so many times as long as a shorter one need not be tried with a longer one.
    private const double HopelessFactor = 2;

    // One that takes so many times as long as the best is not worth further rounds.
    private const double WorseFactor = 1.25;

    private readonly Settings _settings;
    private readonly IMachineBackend _backend;
    private readonly MachineConfiguration _configuration;
    private readonly List<Variant> _inTurn;
    private MemoryEventLog? _log;

    public Case(Settings settings, IMachineBackend backend, Subject subject, int vcpus)
    {
        _settings = settings;
        _backend = backend;
        Subject = subject;
        Vcpus = vcpus;
        _configuration = subject.Configure(settings, vcpus);
        Unrecorded = new Variant("unrecorded", () => RunUnrecorded(_configuration));
        if (subject.WithoutPolls is { } image)
        {
            // The managed machine counts instructions in any case, and so needs no polls to be without them.
            ClockKind clock = settings.IsKvm ? ClockKind.None : ClockKind.RetiredInstructions;
            MachineConfiguration without = _configuration with { Image = image, Clock = clock };
            WithoutPolls = new Variant("without polls", () => RunUnrecorded(without));
        }
        Recorded = [.. settings.Policies.Select((policy, index) => new Variant(policy, () => Record(Policies.Make(policy), isKept: index == 0)))];
        Serial = [.. Quanta.Select(quantum => (quantum, new Variant($"serial {quantum.TotalMilliseconds} ms",
            () => Record(new SerialScheduler(quantum), isKept: false))))];
        Replayed = new Variant("replayed", Replay);
        _inTurn = [.. WithoutPolls is null ? [] : (Variant[])[WithoutPolls], Unrecorded, .. Serial.Select(static one => one.Variant),
            .. Recorded.Skip(1), Recorded[0], Replayed];
    }

    public static IReadOnlyList<TimeSpan> Quanta { get; } =
        [TimeSpan.FromMilliseconds(0.1), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10)];

    public Subject Subject { get; }

    public int Vcpus { get; }

    public MachineShape Shape => _configuration.Shape;

    public Variant? WithoutPolls { get; }

    public Variant Unrecorded { get; }

    /// <summary>One a policy.</summary>
    public IReadOnlyList<Variant> Recorded { get; }

    public IReadOnlyList<(TimeSpan Quantum, Variant Variant)> Serial { get; }

    public Variant Replayed { get; }

    /// <summary>A round that does not count; finds the quanta that are worth more rounds.</summary>
    /// <exception cref="DeterminismException">A run failed.</exception>
    public void WarmUp()
    {
        double best = double.MaxValue;
        var serial = new List<(Variant Variant, double Seconds)>();
        foreach (Variant variant in _inTurn)
        {
            bool isSerial = Serial.Any(one => one.Variant == variant);
            // A longer quantum is not better where one twice as good is shorter.
            if (isSerial && Serial.TakeWhile(one => one.Variant != variant).Any(static one => !one.Variant.IsOn))
            {
                variant.IsOn = false;
                continue;
            }
            try
            {
                double seconds = variant.RunOnce(counts: false).Seconds;
                if (!isSerial)
                    continue;
                serial.Add((variant, seconds));
                variant.IsOn = seconds <= HopelessFactor * best;
                best = Math.Min(best, seconds);
            }
            catch (StuckGuestException) when (isSerial && best < double.MaxValue)
            {
                variant.IsOn = false;
            }
            catch (StuckGuestException error) when (Recorded.Skip(1).Contains(variant))
            {
                // The other policies are measured nevertheless.
                (variant.IsOn, variant.Failure) = (false, error.Message);
            }
        }
        foreach ((Variant variant, double seconds) in serial)
            variant.IsOn &= seconds <= WorseFactor * best;
    }

    /// <summary>A round that counts.</summary>
    /// <param name="number">Its number.</param>
    /// <exception cref="DeterminismException">A run failed.</exception>
    public void RunRound(int number)
    {
        foreach (Variant variant in InTurn(number))
        {
            if (variant.IsOn)
                variant.RunOnce(counts: true);
        }
    }

    /// <summary>The variants of a round. Each round begins with another one, but never with a replay: it comes right after what
    /// it replays.</summary>
    /// <param name="number">The round's number.</param>
    public IEnumerable<Variant> InTurn(int number)
    {
        int first = number % (_inTurn.Count - 1);
        return _inTurn.Skip(first).Concat(_inTurn.Take(first));
    }

    private Run RunUnrecorded(MachineConfiguration configuration) =>
        Execute(configuration, static machine => MachineRuns.StartUnrecorded(machine));

    private Run Record(IVcpuScheduler scheduler, bool isKept)
    {
        var log = new MemoryEventLog(_configuration.Shape.AgentCount);
        Run run = Execute(_configuration, machine => MachineRuns.StartRecording(machine, log, scheduler, TimeProvider.System));
        if (isKept)
            _log = log;
        return run;
    }

    // Of the recording before it: the warm-up has made one in any case.
    private Run Replay() => Execute(_configuration, machine => MachineRuns.StartReplay(machine, _log!));

    private Run Execute(MachineConfiguration configuration, Func<GuestMachine, ExecutionSession> start)
    {
        var random = new Random(1);
        using var machine = new GuestMachine(configuration, _backend, new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = () => (ulong)random.NextInt64(), TimeLimit = _settings.Limit,
        });
        using ExecutionSession session = start(machine);
        // What the run before has left is not this one's to pay for.
        GC.Collect();
        long begin = Stopwatch.GetTimestamp();
        machine.Run(session);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        // A guest that gives up early would look fast.
        if (machine.ExitCodes.Any(static code => code != 0))
            throw new DeterminismException($"The guest failed: {System.Text.Encoding.UTF8.GetString(machine.Console.Span).TrimEnd()}");
        return new Run(seconds, session.Statistics, (session as RecordingSession)?.Sharing);
    }
}

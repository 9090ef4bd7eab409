using System.Diagnostics;
using Determinism.Diagnostics;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.SharingOverhead;

/// <summary>One guest on one number of vCPUs: unrecorded, recorded in parallel, recorded serialised, replayed, one after
/// the other in each round, so that noise meets all alike.</summary>
internal sealed class Measurement(Guest guest, int vcpus, ClockKind clock, bool isLarge)
{
    private readonly List<double> _unrecorded = [];
    private readonly List<double> _parallel = [];
    private readonly List<double> _serial = [];
    private readonly List<double> _replay = [];
    private SessionStatistics? _statistics;
    private readonly List<double> _countsPerSecond = [];
    private ulong _counts;

    public string Name => guest.Name;

    public int Vcpus => vcpus;

    public double Unrecorded => Median(_unrecorded);

    public double Parallel => Median(_parallel);

    public double Serial => Median(_serial);

    public double Replay => Median(_replay);

    public SessionStatistics Statistics => _statistics!;

    /// <summary>Counts of the clock of all vCPUs in a second of the unrecorded run, spinning included.</summary>
    public double CountsPerSecond => Median(_countsPerSecond);

    public void RunOnce()
    {
        MachineConfiguration configuration = guest.Configure(vcpus, clock, Sizes.Of(guest.Name, isLarge, isKvm: false))
            with { MemoryBytes = Sizes.MemoryBytes(guest.Name, isLarge) };
        _unrecorded.Add(Time(configuration, machine => MachineRuns.StartUnrecorded(machine)));
        _countsPerSecond.Add(_counts / _unrecorded[^1]);

        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        _parallel.Add(Record(configuration, log, new ParallelScheduler(), out _statistics));
        _replay.Add(Time(configuration, machine => MachineRuns.StartReplay(machine, log)));

        var serialLog = new MemoryEventLog(configuration.Shape.AgentCount);
        _serial.Add(Record(configuration, serialLog, new SerialScheduler(), out _));
    }

    private double Record(MachineConfiguration configuration, MemoryEventLog log, IVcpuScheduler scheduler,
        out SessionStatistics statistics)
    {
        RecordingSession? session = null;
        double seconds = Time(configuration,
            machine => session = MachineRuns.StartRecording(machine, log, scheduler, TimeProvider.System));
        statistics = session!.Statistics;
        return seconds;
    }

    private double Time(MachineConfiguration configuration, Func<GuestMachine, ExecutionSession> start)
    {
        var random = new Random(1);
        using var machine = new GuestMachine(configuration, new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = () => (ulong)random.NextInt64(),
        });
        using ExecutionSession session = start(machine);
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        long begin = Stopwatch.GetTimestamp();
        machine.Run(session, watchdog.Token);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        _counts = 0;
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
            _counts += machine.Processors.ReadPoint(vcpu).Count;
        return seconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

using System.Globalization;
using System.Text;

namespace Determinism.Machine;

/// <summary>The sample machine: vCPUs of some backend, a console, a disk, timers, interrupts between vCPUs.</summary>
/// <remarks>
/// One exit loop serves unrecorded runs, recordings and replays. All state that two agents can reach is guest memory or
/// lies behind a pseudo-frame: 0 the console, 1 the disk, 2 what code is published, then one inbox a vCPU.
/// </remarks>
public sealed partial class GuestMachine : IDisposable
{
    private const int ConsoleDevice = 0;
    private const int DiskDevice = 1;
    private const int CodeDevice = 2;

    // Things that go through an inbox are interrupts, by vector, and this.
    private const int StartItem = -1;

    private readonly IGuestProcessors _processors;
    private readonly MachineSurroundings _surroundings;
    private readonly VcpuSignals[] _signals;
    private readonly VcpuInbox[] _inboxes;
    private readonly ulong[] _handlers;
    private readonly ulong[] _exitCodes;
    private readonly VcpuPhase[] _phases;
    private VcpuPhase[] _phasesWhenStuck = [];
    private readonly FaultDecoder[] _decoders;
    private readonly Disk _disk;
    private readonly MemoryStream _console = new();
    private readonly GuestClock _clock;

    // vCPUs that have been started and have not ended.
    private int _running;
    private int _hasRun;

    /// <summary>Builds the machine and loads its guest.</summary>
    /// <param name="configuration">The machine.</param>
    /// <param name="backend">Makes its vCPUs.</param>
    /// <param name="surroundings">The world outside.</param>
    /// <exception cref="GuestLoadException">The guest does not fit.</exception>
    public GuestMachine(MachineConfiguration configuration, IMachineBackend backend, MachineSurroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(surroundings);
        if (surroundings.TimeLimit != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(surroundings.TimeLimit, TimeSpan.Zero);
        configuration.Validate();
        Configuration = configuration;
        _surroundings = surroundings;
        _clock = new GuestClock(surroundings.Time);
        int vcpus = configuration.VcpuCount;
        _signals = NewEach<VcpuSignals>(vcpus);
        _inboxes = NewEach<VcpuInbox>(vcpus);
        _decoders = NewEach<FaultDecoder>(vcpus);
        _handlers = new ulong[vcpus];
        _exitCodes = new ulong[vcpus];
        _phases = new VcpuPhase[vcpus];
        _taken = new int[vcpus];
        _published = new PublishedCode(configuration.PageShift);
        _disk = new Disk(configuration.Disk.ToArray(), _published);
        _processors = backend.Create(configuration);
        try
        {
            GuestLoader.Load(configuration, _processors);
        }
        catch
        {
            _processors.Dispose();
            throw;
        }
    }

    /// <summary>What the machine was built from.</summary>
    public MachineConfiguration Configuration { get; }

    internal TimeProvider Time => _surroundings.Time;

    /// <summary>Who is told what happens outside of vCPUs' instructions; nobody by default.</summary>
    public IMachineObserver? Observer
    {
        get => _disk.Observer;
        init => _disk.Observer = value;
    }

    /// <summary>Its vCPUs; give them to a session.</summary>
    public IGuestProcessors Processors => _processors;

    /// <summary>Number of the disk's agent.</summary>
    public int DiskAgent => Configuration.VcpuCount;

    /// <summary>What the guest has written to the console.</summary>
    public ReadOnlyMemory<byte> Console => _console.GetBuffer().AsMemory(0, (int)_console.Length);

    /// <summary>The vCPUs' exit codes; 0 for those that never ran.</summary>
    public IReadOnlyList<ulong> ExitCodes => _exitCodes;

    /// <summary>The disk's content.</summary>
    public ReadOnlySpan<byte> DiskContent => _disk.Content;

    /// <summary>Runs the machine to its end under a session: unrecorded, recording or replaying.</summary>
    /// <param name="session">The session, started with this machine's <see cref="Processors"/>.</param>
    /// <param name="cancellationToken">Ends it early and cleanly.</param>
    /// <exception cref="DeterminismException">Something failed: the first failure.</exception>
    /// <exception cref="StuckGuestException">It took longer than it may.</exception>
    /// <exception cref="InvalidOperationException">The machine has run already, and was not handed over
    /// (<see cref="ExecutionSession.IsHandedOver"/>): then it runs again, under the next session.</exception>
    public void Run(ExecutionSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (Interlocked.Exchange(ref _hasRun, 1) != 0)
            throw new InvalidOperationException("A machine runs once; build another.");
        using CancellationTokenRegistration cancelled = cancellationToken.Register(session.Cancel);
        using var watchdog = new Watchdog(_surroundings, session,
            () => _phasesWhenStuck = (VcpuPhase[])_phases.Clone());
        CountRunning(session);
        var threads = new List<Thread>();
        for (int vcpu = 0; vcpu < Configuration.VcpuCount; vcpu++)
            threads.Add(session.StartAgent(vcpu, RunVcpu));
        threads.Add(session.StartAgent(DiskAgent, agent => _disk.Serve(
            agent, DiskDevice, Configuration.MemoryBytes, vcpu => Interrupt(agent, vcpu, GuestLayout.DiskVector))));
        foreach (Thread thread in threads)
            Join(thread, watchdog);
        StopTimers();
        // Whether or not its log can be closed, the machine goes on.
        if (session.IsHandedOver)
            Volatile.Write(ref _hasRun, 0);
        session.Complete();
        if (watchdog.HasExpired)
            throw new StuckGuestException(Diagnose(session, watchdog));
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        StopTimers();
        _processors.Dispose();
        _console.Dispose();
    }

    private static T[] NewEach<T>(int count)
        where T : new()
    {
        var made = new T[count];
        for (int index = 0; index < count; index++)
            made[index] = new T();
        return made;
    }

    // A guest that does not let go even so must not take its host with it.
    private static void Join(Thread thread, Watchdog watchdog)
    {
        const int Looks = 100, LookMilliseconds = 100;
        for (int looks = 0; !thread.Join(LookMilliseconds); looks = watchdog.HasExpired ? looks + 1 : 0)
        {
            if (looks == Looks)
                throw new StuckGuestException($"The thread of {thread.Name} does not end. {watchdog.Waits}");
        }
    }

    private string Diagnose(ExecutionSession session, Watchdog watchdog)
    {
        var text = new StringBuilder($"The run did not end within {_surroundings.TimeLimit}. {watchdog.Waits}");
        for (int vcpu = 0; vcpu < _phasesWhenStuck.Length; vcpu++)
        {
            VcpuPhase phase = _phasesWhenStuck[vcpu];
            ExecutionPoint point = session.Agent(vcpu).Point;
            string place = phase == VcpuPhase.NotStarted
                ? "" : $" at {Configuration.Image.NameOf(point.InstructionPointer)} ({point})";
            string attention = _signals[vcpu].HasAttention ? ", an interrupt is pending" : "";
            text.Append(CultureInfo.InvariantCulture, $" vCPU {vcpu}: {phase}{place}{attention}.");
        }
        return text.ToString();
    }

    /// <summary>Counts the vCPUs that have been started and have not ended.</summary>
    private void CountRunning(ExecutionSession session)
    {
        int running = 0;
        for (int vcpu = 0; vcpu < Configuration.VcpuCount; vcpu++)
        {
            if ((vcpu == 0 || _inboxes[vcpu].Start is not null) && !session.Agent(vcpu).HasEnded)
                running++;
        }
        _running = running;
        // The last one may have had no time to say so.
        if (running == 0)
            session.StopWaiting();
    }

    private void RunVcpu(AgentSession agent)
    {
        int vcpu = agent.Id;
        // All but the first is for machines that go on from a state.
        VcpuPhase phase = _phases[vcpu];
        if (agent.HasEnded || (phase == VcpuPhase.NotStarted && vcpu != 0 && !WaitForStart(agent)))
        {
            agent.End();
            return;
        }
        if (_periods[vcpu] != 0)
            SetTimer(agent, _periods[vcpu]);
        if (_taken[vcpu] > 0)
            TakeAgain(vcpu);
        bool isRunning = phase != VcpuPhase.Halted || WaitHalted(agent);
        if (isRunning)
            _phases[vcpu] = VcpuPhase.InMonitor;
        while (isRunning)
        {
            ReturnForAttention(agent);
            if (!agent.TryEnter(out RunSlice slice))
                break;
            _phases[vcpu] = VcpuPhase.InGuest;
            MachineExit exit = _processors.Run(vcpu, slice);
            _phases[vcpu] = VcpuPhase.InMonitor;
            agent.Exited(KindOf(exit));
            isRunning = Handle(agent, exit);
            if (isRunning && IsDeliveryPoint(exit))
                TryDeliver(agent);
        }
        // It goes on where it is, under another session.
        if (agent.Session.IsHandedOver)
            return;
        agent.End();
        _phases[vcpu] = VcpuPhase.Ended;
        if (Interlocked.Decrement(ref _running) == 0)
            agent.Session.StopWaiting();
    }

    private static ExitKind KindOf(in MachineExit exit) => exit.Reason switch
    {
        MachineExitReason.Stopped => ExitKind.Stopped,
        MachineExitReason.Fault => ExitKind.Fault,
        MachineExitReason.Port => exit.Port == GuestPort.Poll ? ExitKind.Stopped : ExitKind.Synchronous,
        MachineExitReason.Error or MachineExitReason.NotCode => ExitKind.Synchronous,
        _ => ExitKind.Host,
    };

    private bool Handle(AgentSession agent, in MachineExit exit)
    {
        switch (exit.Reason)
        {
            case MachineExitReason.Fault:
                Span<MemoryAccess> accesses = stackalloc MemoryAccess[FaultDecoder.MostAccesses];
                int count = CollectFault(agent, exit, accesses);
                return agent.Fault(accesses[..count]);
            case MachineExitReason.Port:
                return Serve(agent, exit.Port);
            case MachineExitReason.NotCode:
                return FindCode(agent, exit.Address);
            case MachineExitReason.Error:
                throw new GuestErrorException(string.Format(CultureInfo.InvariantCulture,
                    "vCPU {0} at {1}: {2}", agent.Id, Configuration.Image.NameOf(agent.Point.InstructionPointer),
                    exit.Message));
            default:
                return true;
        }
    }
}

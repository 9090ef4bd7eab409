using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>A recording with checkpoints, to travel in.</summary>
internal sealed class Recorded
{
    private Recorded(MemoryEventLog log)
    {
        Log = log;
        Configuration = MachineConfiguration.ReadFrom(log);
        Cuts = new LogCuts(log, LogCheckpoints.ReadFrom(log));
        Events = [.. Enumerable.Range(0, log.StreamCount).Select(CountEvents)];
    }

    public static KvmBackend Kvm { get; } = new(new KvmOptions());

    private static readonly string? s_obstacle = Kvm.FindObstacle();

    public static ManagedBackend Managed { get; } = new();

    public MemoryEventLog Log { get; }

    public MachineConfiguration Configuration { get; }

    public LogCuts Cuts { get; }

    /// <summary>Of each agent, how many events it has.</summary>
    public ulong[] Events { get; }

    /// <summary>Skips the test, with the reason, where there is no KVM.</summary>
    public static void NeedKvm() => Skip.If(s_obstacle is not null, s_obstacle);

    public static IMachineBackend Find(string name) => name == "kvm" ? Kvm : Managed;

    /// <param name="guest">The guest.</param>
    /// <param name="vcpus">Its vCPUs.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="seed">Of the schedule.</param>
    /// <param name="checkpoints">Events between two checkpoints.</param>
    /// <param name="wrap">Changes what the machine saves; nothing by default.</param>
    /// <param name="plant">A bug.</param>
    /// <param name="isShort">For walks instruction by instruction.</param>
    public static Recorded Make(string guest, int vcpus, ClockKind clock, string backend, int seed, long checkpoints,
        Func<ICheckpointState, ICheckpointState>? wrap = null, Plant plant = Plant.None, bool isShort = false)
    {
        MachineConfiguration configuration = guest == "flags" ? FlagsGuest.Configure(clock) : GuestCatalog.Find(guest)!.Configure(vcpus, clock, Parameters(guest, isShort)) with
        {
            MemoryBytes = 8UL << 20,
        };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        ulong drawn = (ulong)seed;
        using var machine = new GuestMachine(configuration, Find(backend), new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, new ChaosScheduler((ulong)seed, vcpus), TimeProvider.System, options => options with
            {
                Checkpoints = new CheckpointOptions { State = wrap?.Invoke(machine) ?? machine, Events = checkpoints },
            });
        session.Plant = plant;
        machine.Run(session);
        return new Recorded(log);
    }

    private ulong CountEvents(int agent)
    {
        var cursor = new EventCursor(Log, agent, Log.StreamCount);
        while (cursor.MoveToNext())
            cursor.Consume();
        return cursor.Consumed;
    }

    // A few ten to a few hundred thousand instructions, and hundreds of events.
    private static ulong[] Parameters(string guest, bool isShort) => guest switch
    {
        "radix" => [isShort ? 128UL : 512],
        "racy" => [isShort ? 40UL : 300, 8],
        "devices" => [1, 100000, isShort ? 1UL : 2],
        _ => [],
    };
}

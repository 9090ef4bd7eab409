using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Machine.Tests;

/// <summary>Records and replays guests on the managed machine.</summary>
internal static class MachineRunner
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Small sizes: enough sharing to matter, few enough instructions to run every combination.</summary>
    public static MachineConfiguration Configure(string guest, int vcpus, ClockKind clock) =>
        GuestCatalog.Find(guest)!.Configure(vcpus, clock, SmallParameters(guest)) with
        {
            MemoryBytes = 16UL << 20,
        };

    public static IVcpuScheduler MakeScheduler(string name, int vcpus, ulong seed = 1) => name switch
    {
        "serial" => new SerialScheduler(),
        "chaos" => new ChaosScheduler(seed, vcpus),
        _ => new ParallelScheduler(),
    };

    public static MachineState RunUnrecorded(MachineConfiguration configuration)
    {
        using var machine = NewMachine(configuration);
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        Run(machine, session);
        return MachineState.Capture(machine);
    }

    public static MachineState Record(MachineConfiguration configuration, IVcpuScheduler scheduler, IEventLog log,
        Action<RecordingSession>? prepare = null, Func<RecordingOptions, RecordingOptions>? adjust = null)
    {
        using var machine = NewMachine(configuration);
        using RecordingSession session =
            MachineRuns.StartRecording(machine, log, scheduler, TimeProvider.System, adjust);
        prepare?.Invoke(session);
        Run(machine, session);
        Assert.All(machine.ExitCodes, code => Assert.Equal(0UL, code));
        return MachineState.Capture(machine);
    }

    public static MachineState Replay(IEventLogReader log, bool withholdConstraints = false)
    {
        using var machine = NewMachine(MachineConfiguration.ReadFrom(log));
        using ReplaySession session = MachineRuns.StartReplay(machine, log, withholdConstraints);
        Run(machine, session);
        return MachineState.Capture(machine);
    }

    public static GuestMachine NewMachine(MachineConfiguration configuration)
    {
        int typed = 0;
        return new GuestMachine(configuration, new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System,
            Entropy = static () => (ulong)Random.Shared.NextInt64(),
            ConsoleInput = destination =>
            {
                int count = Math.Min(Random.Shared.Next(4), Math.Min(destination.Length, 100 - typed));
                destination[..count].Fill((byte)('a' + (typed % 26)));
                typed += count;
                return count;
            },
        });
    }

    private static void Run(GuestMachine machine, ExecutionSession session)
    {
        using var watchdog = new CancellationTokenSource(s_patience);
        machine.Run(session, watchdog.Token);
    }

    private static ulong[] SmallParameters(string guest) => guest switch
    {
        "radix" => [2048],
        "lu" => [32, 8],
        "fft" => [8],
        "ocean" => [22, 8],
        "water" => [27, 2],
        "barnes" => [48, 1],
        "private" => [16, 2],
        "readshared" => [8, 5000],
        "migratory" => [60, 64],
        "prodcons" => [400],
        "falseshare" => [10000],
        "ticketlock" => [40, 10],
        "racy" => [2000, 16],
        "devices" => [2, 1000000, 4],
        "selfmod" => [50],
        _ => [],
    };
}

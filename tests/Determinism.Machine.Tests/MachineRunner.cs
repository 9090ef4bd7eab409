using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Machine.Tests;

/// <summary>Records and replays guests: on the managed machine, or where a test says.</summary>
internal static class MachineRunner
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Small sizes: enough sharing to matter, few enough instructions to run every combination.</summary>
    public static MachineConfiguration Configure(string guest, int vcpus, ClockKind clock) =>
        GuestCatalog.Find(guest)!.Configure(vcpus, clock, SmallParameters(guest, clock == ClockKind.RetiredInstructions ? 0UL : 1)) with
        {
            MemoryBytes = 16UL << 20,
        };

    public static IVcpuScheduler MakeScheduler(string name, int vcpus, ulong seed = 1) => name switch
    {
        "serial" => new SerialScheduler(),
        "chaos" => new ChaosScheduler(seed, vcpus),
        // Turns at the least occasion.
        "turns" => new ParallelScheduler(new SharingPolicy
        {
            HoldTime = TimeSpan.FromMilliseconds(1), Turn = TimeSpan.FromMilliseconds(0.2), FaultAround = 16,
            LeastGain = double.MaxValue,
        }),
        _ => new ParallelScheduler(),
    };

    /// <summary>The time that a scheduler of <see cref="MakeScheduler"/> goes by: small guests must see turns come and go.</summary>
    public static TimeProvider TimeOf(string scheduler) => scheduler == "turns" ? new HurriedTime(2_000) : TimeProvider.System;

    public static MachineState RunUnrecorded(MachineConfiguration configuration, IMachineBackend? backend = null)
    {
        using var machine = NewMachine(configuration, backend);
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        machine.Run(session);
        return MachineState.Capture(machine);
    }

    public static MachineState Record(MachineConfiguration configuration, IVcpuScheduler scheduler, IEventLog log,
        Action<RecordingSession>? prepare = null, Func<RecordingOptions, RecordingOptions>? adjust = null,
        IMachineBackend? backend = null, TimeProvider? time = null)
    {
        using var machine = NewMachine(configuration, backend);
        using RecordingSession session =
            MachineRuns.StartRecording(machine, log, scheduler, time ?? TimeProvider.System, options =>
            {
                // Where time is hurried, answers are as slow as ever.
                if (time is HurriedTime)
                    options = options with { AnswerTimeout = TimeSpan.FromDays(1) };
                return adjust is null ? options : adjust(options);
            });
        prepare?.Invoke(session);
        machine.Run(session);
        Assert.All(machine.ExitCodes, code => Assert.Equal(0UL, code));
        return MachineState.Capture(machine);
    }

    public static MachineState Replay(
        IEventLogReader log, bool withholdConstraints = false, IMachineBackend? backend = null)
    {
        using var machine = NewMachine(MachineConfiguration.ReadFrom(log), backend);
        using ReplaySession session = MachineRuns.StartReplay(machine, log, withholdConstraints);
        machine.Run(session);
        return MachineState.Capture(machine);
    }

    public static GuestMachine NewMachine(MachineConfiguration configuration, IMachineBackend? backend = null)
    {
        int typed = 0;
        return new GuestMachine(configuration, backend ?? new ManagedBackend(), new MachineSurroundings
        {
            Time = TimeProvider.System,
            TimeLimit = s_patience,
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

    private static ulong[] SmallParameters(string guest, ulong publishes) => guest switch
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
        "selfmod" => [50, publishes],
        _ => [],
    };
}

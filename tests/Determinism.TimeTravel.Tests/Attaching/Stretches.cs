using Determinism.Checkpoints;
using Determinism.Guests;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.Attaching;

/// <summary>A run that is recorded in stretches.</summary>
internal sealed class Stretches(string guest, ClockKind clock, string backend, string scheduler, int seed)
{
    public List<MemoryEventLog> Logs { get; } = [];

    public int Detached { get; private set; }

    public Plant Plant { get; init; }

    public Func<ICheckpointState, ICheckpointState>? Wrap { get; init; }

    public static GuestMachine NewMachine(string guest, ClockKind clock, string backend, int seed)
    {
        ulong drawn = (ulong)seed;
        MachineConfiguration configuration = GuestCatalog.Find(guest)!.Configure(2, clock, Parameters(guest, backend)) with
        {
            MemoryBytes = guest == "radix" ? 32UL << 20 : 8UL << 20,
        };
        return new GuestMachine(configuration, Recorded.Find(backend), new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
    }

    public void Run()
    {
        var random = new Random(seed);
        using GuestMachine machine = NewMachine(guest, clock, backend, seed);
        using var running = new RunningMachine(machine, TimeProvider.System);
        int rounds = random.Next(1, 4);
        for (int round = 0; round < rounds; round++)
        {
            Wait(running, random);
            var log = new MemoryEventLog(machine.Configuration.Shape.AgentCount);
            try
            {
                running.Attach(log, MakeScheduler(random), options => options with
                {
                    State = Wrap?.Invoke(machine) ?? machine,
                    Checkpoints = random.Next(2) == 0 ? null : new CheckpointOptions { State = Wrap?.Invoke(machine) ?? machine, Events = 50 },
                });
                Logs.Add(log);
                ((RecordingSession)running.Session).Plant = Plant;
                Wait(running, random);
                // The last one may go on to the guest's end; at the speed of the hardware there is too much of it to replay.
                if (round > 0 && round == rounds - 1 && backend == "managed")
                    break;
                running.Detach();
                Detached++;
            }
            catch (InvalidOperationException)
            {
                // The guest has ended.
                break;
            }
        }
        running.WaitForEnd();
        Assert.All(machine.ExitCodes, static code => Assert.Equal(0UL, code));
    }

    private static void Wait(RunningMachine running, Random random)
    {
        // Nothing hangs on how long it is.
        var spin = default(SpinWait);
        for (int left = random.Next(1, 20); left > 0 && !running.HasEnded; left--)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    private IVcpuScheduler MakeScheduler(Random random) => scheduler switch
    {
        "serial" => new SerialScheduler(),
        "chaos" => new ChaosScheduler((ulong)random.Next(), 2),
        _ => new ParallelScheduler(),
    };

    // Long enough to be recorded several times; what is recorded of it is replayed by the managed machine.
    private static ulong[] Parameters(string guest, string backend) => guest switch
    {
        "radix" => [backend == "kvm" ? 1UL << 20 : 1UL << 18],
        "racy" => [backend == "kvm" ? 4_000_000UL : 200_000, 8],
        "devices" => [backend == "kvm" ? 300UL : 60, 1_000_000, 8],
        _ => [],
    };
}

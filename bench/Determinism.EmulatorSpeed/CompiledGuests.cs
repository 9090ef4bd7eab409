using System.Diagnostics;
using Determinism;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Machine;
using Determinism.Recording;

namespace Determinism.EmulatorSpeed;

/// <summary>The project's guests, as GCC compiled them, each on one vCPU and not recorded.</summary>
internal static class CompiledGuests
{
    private static readonly (string Name, ulong[] Parameters)[] Sizes =
    [
        ("radix", [1 << 21, 8, 4]), ("lu", [384, 16]), ("fft", [16, 8]), ("ocean", [254, 200]), ("water", [512, 20]),
        ("barnes", [2048, 8]), ("private", [256, 200]), ("readshared", [256, 10_000_000]), ("racy", [4_000_000, 64]),
    ];

    /// <summary>Runs them and gives each one's instructions per second.</summary>
    /// <exception cref="InvalidOperationException">A guest failed: one that gives up early would look fast.</exception>
    public static IEnumerable<(string Name, double Speed)> Measure()
    {
        foreach (var (name, parameters) in Sizes)
        {
            var best = 0.0;
            for (var run = 0; run < 3; run++)
                best = Math.Max(best, MeasureOnce(name, parameters));
            yield return (name, best);
        }
    }

    private static double MeasureOnce(string name, ulong[] parameters)
    {
        using var machine = new GuestMachine(GuestCatalog.Find(name)!.Configure(1, ClockKind.RetiredInstructions, parameters),
            new ManagedBackend(), new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 1 });
        using var session = MachineRuns.StartUnrecorded(machine);
        var start = Stopwatch.GetTimestamp();
        machine.Run(session);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (machine.ExitCodes[0] != 0)
            throw new InvalidOperationException($"The guest {name} failed.");
        return machine.Processors.ReadPoint(0).Count / seconds / 1e6;
    }
}

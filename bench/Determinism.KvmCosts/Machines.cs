using System.Diagnostics;
using Determinism.Machine;

namespace Determinism.KvmCosts;

/// <summary>Machines to be measured.</summary>
internal static class Machines
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public static GuestMachine Make(MachineConfiguration configuration, IMachineBackend backend) =>
        new(configuration, backend, new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = () => 1, TimeLimit = s_limit,
        });

    /// <summary>Seconds of a run.</summary>
    public static double Time(GuestMachine machine, ExecutionSession session)
    {
        long start = Stopwatch.GetTimestamp();
        machine.Run(session);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}

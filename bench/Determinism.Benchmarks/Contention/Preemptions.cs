using System.Runtime.InteropServices;

namespace Determinism.Benchmarks.Contention;

/// <summary>How often the system took the processor from the calling thread. Waiting for a lock does not count.</summary>
internal static class Preemptions
{
    private const int OfThisThread = 1;
    private const int Longs = 18;
    private const int Involuntary = 17;

    public static long Count()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        Span<long> usage = stackalloc long[Longs];
        return GetUsage(OfThisThread, ref MemoryMarshal.GetReference(usage)) == 0 ? usage[Involuntary] : 0;
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetUsage(int who, ref long usage);
}

using System.Runtime.InteropServices;

namespace Determinism.Benchmarks.Contention;

/// <summary>Keeps the calling thread on a processor, and tells how often the system took it away.</summary>
internal static class OwnProcessor
{
    private const int OfThisThread = 1;
    private const int UsageLongs = 18;
    private const int InvoluntarySwitches = 17;

    public static void Choose(int processor)
    {
        ulong mask = 1UL << processor;
        if (OperatingSystem.IsLinux() && SetAffinity(0, sizeof(ulong), ref mask) != 0)
            throw new InvalidOperationException($"There is no processor {processor} for this thread.");
    }

    /// <summary>Waiting for a lock does not count.</summary>
    public static long CountPreemptions()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        Span<long> usage = stackalloc long[UsageLongs];
        return GetUsage(OfThisThread, ref MemoryMarshal.GetReference(usage)) == 0 ? usage[InvoluntarySwitches] : 0;
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetUsage(int who, ref long usage);

    [DllImport("libc", EntryPoint = "sched_setaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAffinity(int thread, nint bytes, ref ulong mask);
}

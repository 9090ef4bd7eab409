using System.Reflection;

namespace Determinism.Conformance;

/// <summary>What a thread allocates. The counter is not part of netstandard2.0, but of every runtime that matters.</summary>
internal static class Allocation
{
    private static readonly Func<long>? s_allocated = (Func<long>?)typeof(GC)
        .GetMethod("GetAllocatedBytesForCurrentThread", BindingFlags.Public | BindingFlags.Static)?
        .CreateDelegate(typeof(Func<long>));

    /// <summary>Bytes that a call allocates on this thread once it is warm: the least of several, since the runtime
    /// allocates now and then for itself.</summary>
    public static long Of(Action call)
    {
        Func<long> allocated = s_allocated
            ?? throw new PlatformNotSupportedException("This runtime does not count what a thread allocates.");
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = allocated();
            call();
            least = Math.Min(least, allocated() - before);
        }
        return least;
    }
}

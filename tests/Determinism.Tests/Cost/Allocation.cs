namespace Determinism.Tests.Cost;

/// <summary>Bytes that the calling thread takes from the heap.</summary>
internal static class Allocation
{
    /// <summary>The first times may: tables grow, code is compiled.</summary>
    public const int Warmth = 100;

    public const int Measured = 400;

    /// <summary>Runs a step with its ordinal, from zero on.</summary>
    public static void MustNotHappen(Action<int> step)
    {
        for (int index = 0; index < Warmth; index++)
            step(index);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int index = Warmth; index < Warmth + Measured; index++)
            step(index);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

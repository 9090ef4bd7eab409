using Determinism.Benchmarks.Ownership;
using Determinism.Ownership;
using Determinism.Tests.Cost;

namespace Determinism.Benchmarks.Growth;

/// <summary>The frame table from a guest of 1 MiB to one of 1 TiB, frames of 4 KiB, touched here and there.</summary>
internal static class FramesGrowth
{
    private const int PageShift = 12;
    private const int MostTouched = 1 << 14;

    public static void Print()
    {
        Console.WriteLine("## Memory of the guest, touched evenly spread; then as many frames side by side\n");
        Console.WriteLine("| guest MiB | frames touched | first touch, spread ns | hit, spread ns | table, nothing touched KiB "
            + "| table, touched spread KiB | first touch, dense ns | table, touched dense KiB |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        // The runtime has compiled for the last time after a few.
        Warmth.Run(() => { }, () => Measure(1 << 10));
        for (int megabytesShift = 0; megabytesShift <= 20; megabytesShift += 4)
            Print(1UL << megabytesShift);
        Console.WriteLine();
    }

    private static void Print(ulong megabytes)
    {
        ulong frames = megabytes << (20 - PageShift);
        Result result = Measure(frames);
        GrowthReport.Row(megabytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Math.Min(frames, MostTouched).ToString(System.Globalization.CultureInfo.InvariantCulture),
            GrowthReport.Number(result.FirstTouch), GrowthReport.Number(result.Hit), Kilobytes(result.EmptyBytes),
            Kilobytes(result.SpreadBytes), GrowthReport.Number(result.DenseTouch), Kilobytes(result.DenseBytes));
    }

    private static Result Measure(ulong frames)
    {
        ulong touched = Math.Min(frames, MostTouched);
        ulong step = frames / touched;
        CrewTracker<CompletingSink> tracker = null!;
        long empty = 0;
        void Start()
        {
            // The garbage of the round before is not the next one's to collect.
            tracker = null!;
            GC.Collect();
            long before = GC.GetAllocatedBytesForCurrentThread();
            tracker = Create(frames);
            empty = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        void Touch(ulong stride)
        {
            for (ulong index = 0; index < touched; index++)
                tracker.Acquire(0, [new FrameRequest(index * stride, AccessRight.ReadWrite)]);
        }
        long Filled(ulong stride)
        {
            Start();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Touch(stride);
            return empty + GC.GetAllocatedBytesForCurrentThread() - before;
        }
        long dense = Filled(1);
        double denseTouch = GrowthReport.Fastest(Start, () => Touch(1), touched);
        long spread = Filled(step);
        double firstTouch = GrowthReport.Fastest(Start, () => Touch(step), touched);
        double hit = GrowthReport.Fastest(() => { }, () => Touch(step), touched);
        return new Result(firstTouch, hit, empty, spread, denseTouch, dense);
    }

    private static CrewTracker<CompletingSink> Create(ulong frames)
    {
        var order = new CausalOrder(2);
        return new CrewTracker<CompletingSink>(2, frames, order, new CompletingSink(order),
            new CrewOptions { Time = TimeProvider.System });
    }

    private static string Kilobytes(long bytes) => GrowthReport.Number(bytes / 1024.0);

    private readonly record struct Result(
        double FirstTouch, double Hit, long EmptyBytes, long SpreadBytes, double DenseTouch, long DenseBytes);
}

using System.Globalization;
using Determinism.Diagnostics;
using Determinism.Machine;

namespace Determinism.SharingOverhead.Advice;

/// <summary>Where a guest shares, in lines for its author.</summary>
internal static class SharingAdvice
{
    private const int MostFrames = 3;
    private const int MostSymbols = 4;
    private const long LeastSteals = 4;

    /// <summary>The hottest frames of a recording; nothing if vCPUs took none from each other.</summary>
    /// <param name="profile">Who took which frame from whom.</param>
    /// <param name="image">The guest's program.</param>
    /// <param name="shape">The machine's shape.</param>
    public static IEnumerable<string> Of(SharingProfile profile, ElfImage image, MachineShape shape)
    {
        var places = new DataPlaces(image, shape.PageShift);
        SharedFrame[] shared = [.. SharedFrame.Find(profile, LeastSteals)
            .Where(frame => frame.Frame < shape.RamFrameCount && frame.Second < shape.VcpuCount)];
        if (shared.Length == 0)
            yield break;
        yield return $"{profile.Count} handovers, most of them of";
        foreach (IGrouping<ulong, SharedFrame> frame in shared.GroupBy(static one => one.Frame).Take(MostFrames))
        {
            foreach (string line in Lines(frame, places, profile.Count))
                yield return "  " + line;
        }
    }

    private static IEnumerable<string> Lines(IGrouping<ulong, SharedFrame> frame, DataPlaces places, long all)
    {
        long steals = frame.Sum(static one => one.Steals);
        string pairs = string.Join(", ", frame.Take(MostSymbols).Select(static one => $"{one.First}↔{one.Second}"));
        IReadOnlyList<string> symbols = places.SymbolsIn(frame.Key);
        string content = symbols.Count == 0 ? places.RegionOf(frame.Key)
            : string.Join(", ", symbols.Take(MostSymbols)) + (symbols.Count > MostSymbols ? " …" : "");
        yield return string.Create(CultureInfo.InvariantCulture,
            $"frame 0x{frame.Key:X}: {steals} ({(double)steals / all:P0}), vCPUs {pairs}; holds {content}");
        SharedFrame hottest = frame.First();
        IReadOnlySet<string> first = places.Accessed(hottest.ByFirst, frame.Key), second = places.Accessed(hottest.BySecond, frame.Key);
        if (first.Count > 0 && second.Count > 0 && !first.Overlaps(second))
        {
            yield return $"  {string.Join(", ", first)} (vCPU {hottest.First}) and {string.Join(", ", second)} (vCPU {hottest.Second}) "
                + "share a page: give each its own";
        }
        yield return $"  taken by {Instructions(hottest.ByFirst, places)} and by {Instructions(hottest.BySecond, places)}";
    }

    private static string Instructions(IReadOnlyList<ulong> addresses, DataPlaces places) =>
        string.Join(" ", addresses.Take(2).Select(places.NameOf)) + (addresses.Count > 2 ? " …" : "");
}

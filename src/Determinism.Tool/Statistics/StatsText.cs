using System.Globalization;
using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Tool.Dumping;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Statistics;

/// <summary>Figures of a log as text.</summary>
internal sealed class StatsText(LogFigures figures, LogFrames frames, int top, TextWriter output)
{
    private const int BarLength = 40;

    public void Write()
    {
        WriteBytes();
        WriteRates();
        WriteFrames();
        WritePairs();
        WriteSharing();
        WriteDistances();
    }

    private void WriteBytes()
    {
        EventFigures events = figures.Events;
        Line($"{events.Events} events, {events.Bytes} bytes in streams, {figures.Files.Total} bytes of files");
        if (figures.Dropped > 0)
            Line($"The log was cut short: {figures.Dropped} more events, whose causes are lost, are not counted.");
        Line();
        Line($"{"what",-24} {"count",10} {"bytes",12} {"average",9} {"of files",12}");
        foreach ((EventKind kind, KindFigures of) in events.Kinds)
            Line($"{EventFormat.Name(kind),-24} {of.Count,10} {of.Bytes,12} {of.AverageBytes,9:F2} {figures.FileBytesOf(kind),12:F0}");
        foreach ((BlockKind kind, KindFigures of) in figures.Files.Blocks.Where(static pair => pair.Key != BlockKind.Events))
            Line($"{"block: " + StatsJson.Name(kind),-24} {of.Count,10} {"",12} {"",9} {of.Bytes,12}");
        Line($"{"segments, manifest",-24} {"",10} {"",12} {"",9} {figures.Files.Rest,12}");
        Line();
        KindFigures constrained = events.ConstrainedElevations;
        Line($"{"elevation, constrained",-24} {constrained.Count,10} {constrained.Bytes,12} {constrained.AverageBytes,9:F2}");
        foreach (((EventKind kind, uint code), KindFigures of) in events.Codes)
            Line($"{$"{EventFormat.Name(kind)} code {code}",-24} {of.Count,10} {of.Bytes,12} {of.AverageBytes,9:F2}");
    }

    private void WriteRates()
    {
        Line();
        string perCount = figures.ConstraintsPerMillionCounts is { } rate
            ? string.Create(CultureInfo.InvariantCulture, $", {rate:F1} per million counts of the vCPUs' clocks")
            : "";
        Line($"{figures.Events.Constraints} constraints: {figures.ConstraintsPerThousandEvents:F1} per 1,000 events{perCount}");
    }

    private void WriteFrames()
    {
        Line();
        Line($"{"hottest frames",-24} {"elevations",10} {"reductions",12}");
        foreach (FrameFigures frame in figures.Events.HottestFrames.Take(top))
            Line($"{frames.Name(frame.Frame),-24} {frame.Elevations,10} {frame.Reductions,12}");
    }

    private void WritePairs()
    {
        Line();
        Line($"{"from -> to",-24} {"constraints",10}  hottest frames");
        foreach (PairFigures pair in figures.Events.Pairs.Take(top))
        {
            string hottest = string.Join(", ", pair.Hottest.Take(3).Select(frame => $"{frames.Name(frame.Key)} {frame.Value} times"));
            Line($"{$"{frames.NameAgent(pair.Source)} -> {frames.NameAgent(pair.Agent)}",-24} {pair.Constraints,10}  {hottest}");
        }
    }

    private void WriteSharing()
    {
        Line();
        if (figures.SharedFrames is null)
        {
            Line("The log has no sharing profile.");
            return;
        }
        Line("frames that went to and fro, and the instructions that took them; ? if no instruction is on both sides:");
        Line("perhaps falsely shared, perhaps producer and consumer");
        foreach (SharedFrame frame in figures.SharedFrames.Take(top))
        {
            Line($"{(frame.IsCandidate ? "?" : " ")} {frames.Name(frame.Frame),-22} {frame.Steals,10}"
                + $"  {frames.NameAgent(frame.First)} {Addresses(frame.ByFirst)}  {frames.NameAgent(frame.Second)} {Addresses(frame.BySecond)}");
        }
    }

    private void WriteDistances()
    {
        Line();
        Line("events from a cause to its effect, in causal order");
        long most = figures.Events.Distances.Buckets.Select(static bucket => bucket.Count).DefaultIfEmpty(1).Max();
        foreach ((long from, long to, long count) in figures.Events.Distances.Buckets)
        {
            string range = from == to ? $"{from}" : $"{from} to {to}";
            Line($"{range,-24} {count,10} {new string('#', (int)Math.Ceiling((double)BarLength * count / most))}");
        }
    }

    private static string Addresses(IReadOnlyList<ulong> addresses)
    {
        const int Shown = 3;
        string text = string.Join(" ", addresses.Take(Shown).Select(static address => $"0x{address:x}"));
        return addresses.Count > Shown ? text + " …" : text;
    }

    private void Line(string text = "") => output.WriteLine(text.TrimEnd());
}

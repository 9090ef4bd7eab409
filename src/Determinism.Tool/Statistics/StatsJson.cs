using System.Globalization;
using System.Text.Json;
using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Tool.Dumping;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Statistics;

/// <summary>Figures of a log as JSON; docs/tool.md has the fields.</summary>
internal sealed class StatsJson(LogFigures figures, LogFrames frames, int top)
{
    public static string Name(BlockKind kind)
    {
        string name = kind.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("events", figures.Events.Events);
        json.WriteNumber("eventBytes", figures.Events.Bytes);
        json.WriteNumber("fileBytes", figures.Files.Total);
        json.WriteNumber("droppedEvents", figures.Dropped);
        WriteAll(json, "kinds", figures.Events.Kinds, WriteKind);
        WriteAll(json, "blocks", figures.Files.Blocks, WriteBlock);
        json.WriteNumber("otherFileBytes", figures.Files.Rest);
        json.WriteStartObject("constrainedElevations");
        WriteFigures(json, figures.Events.ConstrainedElevations);
        json.WriteEndObject();
        WriteAll(json, "codes", figures.Events.Codes, WriteCode);
        json.WriteNumber("constraints", figures.Events.Constraints);
        json.WriteNumber("clockCounts", figures.Events.ClockCounts);
        json.WriteNumber("constraintsPerThousandEvents", figures.ConstraintsPerThousandEvents);
        if (figures.ConstraintsPerMillionCounts is { } rate)
            json.WriteNumber("constraintsPerMillionCounts", rate);
        WriteAll(json, "hottestFrames", figures.Events.HottestFrames.Take(top), WriteFrame);
        WriteAll(json, "pairs", figures.Events.Pairs.Take(top), WritePair);
        if (figures.SharedFrames is { } shared)
            WriteAll(json, "sharedFrames", shared.Take(top), WriteShared);
        WriteAll(json, "distances", figures.Events.Distances.Buckets, static (json, bucket) =>
        {
            json.WriteNumber("from", bucket.From);
            json.WriteNumber("to", bucket.To);
            json.WriteNumber("count", bucket.Count);
        });
        json.WriteEndObject();
    }

    private static void WriteAll<T>(Utf8JsonWriter json, string name, IEnumerable<T> all, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T one in all)
        {
            json.WriteStartObject();
            write(json, one);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteFigures(Utf8JsonWriter json, KindFigures of)
    {
        json.WriteNumber("count", of.Count);
        json.WriteNumber("bytes", of.Bytes);
        json.WriteNumber("averageBytes", of.AverageBytes);
    }

    private static void WriteBlock(Utf8JsonWriter json, KeyValuePair<BlockKind, KindFigures> block)
    {
        json.WriteString("kind", Name(block.Key));
        json.WriteNumber("count", block.Value.Count);
        json.WriteNumber("fileBytes", block.Value.Bytes);
    }

    private static void WriteCode(Utf8JsonWriter json, KeyValuePair<(EventKind Kind, uint Code), KindFigures> code)
    {
        json.WriteString("kind", EventFormat.Name(code.Key.Kind));
        json.WriteNumber("code", code.Key.Code);
        WriteFigures(json, code.Value);
    }

    private void WriteKind(Utf8JsonWriter json, KeyValuePair<EventKind, KindFigures> kind)
    {
        json.WriteString("kind", EventFormat.Name(kind.Key));
        WriteFigures(json, kind.Value);
        json.WriteNumber("fileBytes", figures.FileBytesOf(kind.Key));
    }

    private void WriteFrameName(Utf8JsonWriter json, ulong frame)
    {
        json.WriteNumber("frame", frame);
        if (frames.PseudoIndex(frame) is >= 0 and long pseudo)
            json.WriteNumber("pseudoFrame", pseudo);
    }

    private void WriteFrame(Utf8JsonWriter json, FrameFigures frame)
    {
        WriteFrameName(json, frame.Frame);
        json.WriteNumber("elevations", frame.Elevations);
        json.WriteNumber("reductions", frame.Reductions);
    }

    private void WritePair(Utf8JsonWriter json, PairFigures pair)
    {
        json.WriteNumber("from", pair.Source);
        json.WriteNumber("to", pair.Agent);
        json.WriteNumber("constraints", pair.Constraints);
        WriteAll(json, "frames", pair.Hottest.Take(top), (json, frame) =>
        {
            WriteFrameName(json, frame.Key);
            json.WriteNumber("constraints", frame.Value);
        });
    }

    private void WriteShared(Utf8JsonWriter json, SharedFrame shared)
    {
        WriteFrameName(json, shared.Frame);
        json.WriteNumber("steals", shared.Steals);
        json.WriteBoolean("candidate", shared.IsCandidate);
        WriteAll(json, "agents", [(shared.First, shared.ByFirst), (shared.Second, shared.BySecond)], static (json, side) =>
        {
            json.WriteNumber("agent", side.Item1);
            json.WriteStartArray("instructions");
            foreach (ulong address in side.Item2)
                json.WriteStringValue("0x" + address.ToString("x", CultureInfo.InvariantCulture));
            json.WriteEndArray();
        });
    }
}

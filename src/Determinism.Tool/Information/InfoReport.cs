using System.Globalization;
using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Verification;

namespace Determinism.Tool.Information;

/// <summary>What <c>log info</c> prints.</summary>
internal sealed class InfoReport(LogSummary log)
{
    public void WriteText(TextWriter output)
    {
        Line("format", $"version {log.Start.Version}{(log.Start.IsEncrypted ? ", encrypted" : "")}{(log.Start.IsChained ? ", chained" : "")}");
        Line("identity", log.Start.Identity == Guid.Empty ? "none" : log.Start.Identity.ToString());
        Line("state", State());
        if (log.Beginning is { } beginning)
            Line("begins at", $"checkpoint {beginning.Checkpoint}, in segment {beginning.FirstSegment}: what was before was dropped; kept are events from "
                + string.Join(", ", beginning.Starts.Select(static (start, agent) => $"{start.NextEvent} of agent {agent}")));
        if (log.Header is { } header)
            WriteHeader(header);
        else
            Line("header", log.Start.IsEncrypted ? "encrypted; --key gives its secret" : "none");
        if (log.Parent is { } parent)
        {
            Line("parent", $"{(parent.Identity == Guid.Empty ? "a log without identity" : parent.Identity.ToString())}, header {Hex(parent.HeaderDigest)}");
            Line("from", parent.Cut.ToString());
        }
        foreach (string line in log.Redactions)
            Line("taken out", line);
        output.WriteLine($"{"block",-16}{"number",10}{"bytes",14}{"stored",14}");
        foreach ((BlockKind kind, LogSummary.BlockTotal total) in log.Blocks)
            output.WriteLine($"{kind,-16}{total.Count,10}{total.Plain,14}{total.Stored,14}");
        output.WriteLine($"{"agent",-8}{"events",12}{"bytes",14}{"blocks",8}  counts, exits");
        for (int agent = 0; agent < log.Streams.Length; agent++)
            output.WriteLine(log.Streams[agent] is { } one
                ? $"{agent,-8}{one.Events,12}{one.Bytes,14}{one.Blocks,8}  {one.FirstCount} to {one.LastCount}, {one.FirstExit} to {one.LastExit}"
                : $"{agent,-8}{0,12}{0,14}{0,8}");
        output.WriteLine($"{"segment",-8}{"blocks",12}{"bytes",14}");
        foreach (LogSummary.SegmentTotal one in log.Segments)
            output.WriteLine($"{one.Number,-8}{one.Blocks,12}{one.Bytes,14}{(one.IsClosed ? "" : "  not closed")}");

        void WriteHeader(LogHeader header)
        {
            MachineShape shape = header.Shape;
            Line("machine", $"{shape.VcpuCount} vCPUs, {shape.DeviceAgentCount} device agents, {shape.MemoryBytes} bytes of memory "
                + $"in frames of {1UL << shape.PageShift}, {shape.PseudoFrameCount} pseudo-frames");
            Line("clock", Describe(header.Clock));
            Line("ownership", header.Scope == OwnershipScope.Frames ? "each frame: vCPUs ran in parallel" : "the whole machine: serialised");
            Line("backend", header.Backend);
            Line("processor", header.Processor);
            Line("guest", header.Guest);
            Line("initial state", Hex(header.InitialState));
            Line("begins", header.BeginsAtCheckpoint ? "at its first checkpoint" : "with the machine as loaded");
            Line("digests", header.DigestInterval == 0 ? "none" : $"every {header.DigestInterval} events");
            Line("promises", $"{header.SharedFrames.Count} ranges only read, {header.PrivateFrames.Count} ranges of one agent");
        }

        void Line(string name, string text) => output.WriteLine($"{name,-16}{text}");
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("formatVersion", log.Start.Version);
        json.WriteBoolean("encrypted", log.Start.IsEncrypted);
        json.WriteBoolean("chained", log.Start.IsChained);
        json.WriteString("identity", log.Start.Identity);
        json.WriteBoolean("complete", log.IsComplete);
        if (log.Damage is { } damage)
            json.WriteString("damage", damage);
        if (log.Beginning is { } beginning)
        {
            json.WriteNumber("beginsAtCheckpoint", beginning.Checkpoint);
            json.WriteStartArray("firstEvents");
            foreach (StreamStart start in beginning.Starts)
                json.WriteNumberValue(start.NextEvent);
            json.WriteEndArray();
        }
        VerificationReport.WriteTail(json, log.Tail);
        if (log.Header is { } header)
            WriteHeader(json, header);
        if (log.Parent is { } parent)
            WriteParent(json, parent);
        json.WriteStartArray("redactions");
        foreach (string line in log.Redactions)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteStartArray("blocks");
        foreach ((BlockKind kind, LogSummary.BlockTotal total) in log.Blocks)
            WriteObject(json, ("kind", kind.ToString()), ("number", total.Count), ("bytes", total.Plain), ("storedBytes", total.Stored));
        json.WriteEndArray();
        json.WriteStartArray("streams");
        for (int agent = 0; agent < log.Streams.Length; agent++)
        {
            LogSummary.StreamTotal one = log.Streams[agent] ?? new LogSummary.StreamTotal(0, 0, 0, 0, 0, 0, 0);
            WriteObject(json, ("agent", agent), ("events", one.Events), ("bytes", one.Bytes), ("blocks", one.Blocks),
                ("firstCount", one.FirstCount), ("lastCount", one.LastCount), ("firstExit", one.FirstExit), ("lastExit", one.LastExit));
        }
        json.WriteEndArray();
        json.WriteStartArray("segments");
        foreach (LogSummary.SegmentTotal one in log.Segments)
            WriteObject(json, ("segment", one.Number), ("blocks", one.Blocks), ("bytes", one.Bytes), ("closed", one.IsClosed));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteHeader(Utf8JsonWriter json, LogHeader header)
    {
        json.WritePropertyName("header");
        WriteObject(json, ("vcpus", header.Shape.VcpuCount), ("deviceAgents", header.Shape.DeviceAgentCount),
            ("memoryBytes", header.Shape.MemoryBytes), ("pageBytes", 1UL << header.Shape.PageShift),
            ("pseudoFrames", header.Shape.PseudoFrameCount), ("clock", header.Clock.ToString()), ("ownership", header.Scope.ToString()),
            ("digestInterval", header.DigestInterval), ("backend", header.Backend), ("processor", header.Processor),
            ("guest", header.Guest), ("initialState", Hex(header.InitialState)), ("sharedRanges", header.SharedFrames.Count),
            ("privateRanges", header.PrivateFrames.Count), ("beginsAtCheckpoint", header.BeginsAtCheckpoint));
    }

    private static void WriteParent(Utf8JsonWriter json, ParentLog parent)
    {
        json.WriteStartObject("parent");
        json.WriteString("identity", parent.Identity);
        json.WriteString("headerDigest", Hex(parent.HeaderDigest));
        json.WriteStartArray("agents");
        foreach (Checkpoints.AgentPosition one in parent.Cut.Positions)
            WriteObject(json, ("events", one.Events), ("place", one.Place.ToString()), ("position", one.Position));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter json, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        json.WriteStartObject();
        foreach ((string name, object value) in fields)
        {
            switch (value)
            {
                case string text: json.WriteString(name, text); break;
                case bool yes: json.WriteBoolean(name, yes); break;
                case ulong large: json.WriteNumber(name, large); break;
                default: json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            }
        }
        json.WriteEndObject();
    }

    private static string Hex(ulong number) => "0x" + number.ToString("x16", CultureInfo.InvariantCulture);

    private static string Describe(ClockKind clock) => clock switch
    {
        ClockKind.RetiredInstructions => "retired instructions: events are at counts of them",
        ClockKind.HardwareBranches => "retired branches, counted by the processor: events are at counts of them",
        ClockKind.SoftwareCounter => "polls that the guest counts: events are at exits, or at counts of polls",
        _ => "none: events are at exits",
    };

    private string State() => log switch
    {
        { Damage: { } damage } => $"damaged: {damage}",
        { IsComplete: true } => "complete",
        { Tail: { IgnoredBytes: > 0 } tail } => $"not complete; {tail.IgnoredBytes} bytes at the end are no whole block ({tail.Reason})",
        _ => "not complete",
    };
}

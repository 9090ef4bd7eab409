using System.Text.Json;
using System.Text.Json.Nodes;
using Determinism.SharingOverhead.Statistics;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>Rows as an array of JSON objects.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true };

    public static string Of(IEnumerable<Row> rows) => new JsonArray([.. rows.Select(Of)]).ToJsonString(s_options);

    /// <summary>The rows of a file that <see cref="Of(IEnumerable{Row})"/> has written.</summary>
    /// <exception cref="JsonException">It is no such file.</exception>
    public static IReadOnlyList<Row> Read(string text)
    {
        try
        {
            return [.. JsonNode.Parse(text)!.AsArray().Select(static node => Read(node!.AsObject()))];
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or NullReferenceException or FormatException)
        {
            throw new JsonException("This is not what a measurement has written. " + error.Message, error);
        }
    }

    private static JsonObject Of(Row row)
    {
        JsonObject json = ObjectOf(row.Fields());
        json["events"] = ObjectOf(row.Events.Select(static pair => (pair.Key, (object?)pair.Value)));
        json["samples"] = new JsonObject(row.Times().Select(static time => KeyValuePair.Create(
            time.Key, (JsonNode?)ArrayOf(time.Sample.Values))));
        json["serial_by_quantum"] = new JsonArray([.. row.SerialByQuantum.Select(static one => new JsonObject
        {
            ["quantum_ms"] = one.QuantumMilliseconds, ["median_s"] = one.Seconds.Median, ["samples"] = ArrayOf(one.Seconds.Values),
        })]);
        json["advice"] = ArrayOf(row.Advice);
        json["environment"] = ObjectOf(row.Environment);
        return json;
    }

    private static Row Read(JsonObject json)
    {
        JsonObject samples = json["samples"]!.AsObject();
        return new Row
        {
            Guest = Text("guest"), Backend = Text("backend"), Vcpus = (int)json["vcpus"]!, Size = Text("size"),
            Parameters = Text("parameters"), PageSize = (int)json["page_size"]!, Clock = Text("clock"), Policy = Text("policy"),
            Repeat = (int)json["repeat"]!, Failure = (string?)json["failure"],
            WithoutPolls = Times("unrecorded_nopoll"), Unrecorded = Times("unrecorded"), Recorded = Times("recorded"),
            Replayed = Times("replay"),
            SerialByQuantum = [.. json["serial_by_quantum"]!.AsArray().Select(static one => (
                (double)one!["quantum_ms"]!, SampleOf(one["samples"]!)))],
            CountedSeconds = (double?)json["counted_s"],
            Exits = Count("exits"), UnrecordedExits = Count("unrecorded_exits"), Handovers = Count("handovers"),
            ConstraintsBefore = Count("constraints_before"), Constraints = Count("constraints"), LogBytes = Count("log_bytes"),
            Events = json["events"]!.AsObject().ToDictionary(static pair => pair.Key, static pair => (long)pair.Value!),
            Advice = [.. json["advice"]!.AsArray().Select(static line => (string)line!)],
            Environment = [.. json["environment"]!.AsObject().Select(static pair => (pair.Key, (object?)pair.Value?.GetValue<JsonElement>()))],
        };

        string Text(string key) => (string)json[key]!;
        long? Count(string key) => (long?)json[key];
        Sample Times(string key) => SampleOf(samples[key]!);
    }

    private static Sample SampleOf(JsonNode values) => new(values.AsArray().Select(static value => (double)value!));

    private static JsonObject ObjectOf(IEnumerable<(string Key, object? Value)> fields) =>
        new(fields.Select(static field => KeyValuePair.Create(field.Key, JsonSerializer.SerializeToNode(field.Value))));

    private static JsonArray ArrayOf<T>(IEnumerable<T> values) => new([.. values.Select(static value => (JsonNode?)JsonValue.Create(value))]);
}

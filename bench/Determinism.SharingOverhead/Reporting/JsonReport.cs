using System.Text.Json;
using System.Text.Json.Nodes;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>Rows as an array of JSON objects.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true };

    public static string Of(IEnumerable<Row> rows, bool isPinned) =>
        new JsonArray([.. rows.Select(row => Of(row, isPinned))]).ToJsonString(s_options);

    private static JsonObject Of(Row row, bool isPinned)
    {
        JsonObject json = ObjectOf(row.Fields());
        json["events"] = ObjectOf(row.Events.Where(static pair => pair.Value > 0)
            .Select(static pair => (pair.Key.ToString(), (object?)pair.Value)));
        json["samples"] = new JsonObject(row.Times().Select(static time => KeyValuePair.Create(
            time.Key, (JsonNode?)ArrayOf(time.Sample.Values))));
        json["serial_by_quantum"] = new JsonArray([.. row.SerialByQuantum().Select(static one => new JsonObject
        {
            ["quantum_ms"] = one.QuantumMilliseconds, ["median_s"] = one.Seconds.Median, ["samples"] = ArrayOf(one.Seconds.Values),
        })]);
        json["environment"] = ObjectOf(RunEnvironment.Fields(isPinned));
        return json;
    }

    private static JsonObject ObjectOf(IEnumerable<(string Key, object? Value)> fields) =>
        new(fields.Select(static field => KeyValuePair.Create(field.Key, JsonSerializer.SerializeToNode(field.Value))));

    private static JsonArray ArrayOf(IEnumerable<double> values) => new([.. values.Select(static value => JsonValue.Create(value))]);
}

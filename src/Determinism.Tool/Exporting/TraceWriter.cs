using System.Text.Json;

namespace Determinism.Tool.Exporting;

/// <summary>Writes the events of a trace in Chrome's JSON trace event format, which ui.perfetto.dev opens. Times are in its
/// microseconds.</summary>
internal sealed class TraceWriter : IDisposable
{
    private const int Process = 1;
    private const int FlushBytes = 1 << 16;

    private readonly Utf8JsonWriter _json;

    /// <summary>Starts a trace.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="metadata">What is known of the whole.</param>
    public TraceWriter(Stream stream, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        _json = new Utf8JsonWriter(stream);
        _json.WriteStartObject();
        _json.WriteString("displayTimeUnit", "ns");
        _json.WriteStartObject("otherData");
        foreach ((string name, string value) in metadata)
            _json.WriteString(name, value);
        _json.WriteEndObject();
        _json.WriteStartArray("traceEvents");
    }

    public void NameProcess(string name) => WriteName("process_name", lane: 0, name);

    public void NameLane(int lane, string name) => WriteName("thread_name", lane, name);

    public void BeginSlice(int lane, long time, string name)
    {
        Start("B", lane, time);
        _json.WriteString("name", name);
        End();
    }

    public void EndSlice(int lane, long time)
    {
        Start("E", lane, time);
        End();
    }

    /// <summary>A slice of one unit, inside of one that was begun.</summary>
    public void WriteSlice(int lane, long time, string name, string category, Action<Utf8JsonWriter> writeArguments)
    {
        Start("X", lane, time);
        _json.WriteNumber("dur", 1);
        _json.WriteString("name", name);
        _json.WriteString("cat", category);
        _json.WritePropertyName("args");
        writeArguments(_json);
        End();
    }

    /// <summary>An arrow from the slice that is at one lane and time to that at another.</summary>
    public void WriteFlow(long id, int fromLane, long fromTime, int toLane, long toTime)
    {
        WriteFlowEnd("s", id, fromLane, fromTime);
        WriteFlowEnd("f", id, toLane, toTime);
    }

    public void WriteCounter(string name, long time, long value)
    {
        Start("C", lane: 0, time);
        _json.WriteString("name", name);
        _json.WriteStartObject("args");
        _json.WriteNumber("value", value);
        _json.WriteEndObject();
        End();
    }

    /// <summary>Ends the trace.</summary>
    public void Complete()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
    }

    public void Dispose() => _json.Dispose();

    private void WriteFlowEnd(string phase, long id, int lane, long time)
    {
        Start(phase, lane, time);
        _json.WriteNumber("id", id);
        _json.WriteString("name", "constraint");
        _json.WriteString("cat", "constraint");
        // To the slice around it, not to the next one.
        if (phase == "f")
            _json.WriteString("bp", "e");
        End();
    }

    private void WriteName(string what, int lane, string name)
    {
        Start("M", lane, time: 0);
        _json.WriteString("name", what);
        _json.WriteStartObject("args");
        _json.WriteString("name", name);
        _json.WriteEndObject();
        End();
    }

    private void Start(string phase, int lane, long time)
    {
        _json.WriteStartObject();
        _json.WriteString("ph", phase);
        _json.WriteNumber("pid", Process);
        // 0 is the idle task to some readers.
        _json.WriteNumber("tid", lane + 1);
        _json.WriteNumber("ts", time);
    }

    private void End()
    {
        _json.WriteEndObject();
        if (_json.BytesPending > FlushBytes)
            _json.Flush();
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Dumping;

/// <summary>The event that a cursor is at, as a line of text or of JSON; docs/tool.md has the fields.</summary>
/// <remarks>One thread at a time: it keeps a buffer.</remarks>
internal sealed class EventFormat(LogFrames frames)
{
    private const int MaximumBytesShown = 16;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public const string TextTitle = "agent      event  place                 check  what";

    public static string Name(EventKind kind) => kind.ToString().ToLowerInvariant();

    public static string Name(PlaceKind place) => place.ToString().ToLowerInvariant();

    public string ToText(EventCursor cursor)
    {
        StreamEvent one = cursor.Next;
        var text = new StringBuilder();
        string place = string.Create(CultureInfo.InvariantCulture, $"{Name(one.Place)} {one.Position}");
        text.Append(CultureInfo.InvariantCulture,
            $"{cursor.Stream,5} {cursor.Consumed + 1,10}  {place,-20}  {one.Check:x2}     {Name(one.Kind)}");
        switch (one.Kind)
        {
            case EventKind.Elevation:
                text.Append(CultureInfo.InvariantCulture, $" frame {frames.Name(one.Frame)} to {one.NewRight}");
                AppendConstraints(text, cursor.Constraints);
                break;
            case EventKind.Reduction:
                text.Append(CultureInfo.InvariantCulture,
                    $" frame {frames.Name(one.Frame)} from {one.OldRight} to {one.NewRight}");
                break;
            case EventKind.Input or EventKind.Asynchronous:
                text.Append(CultureInfo.InvariantCulture, $" code {one.Code}");
                if (!one.HasBytes)
                    text.Append(CultureInfo.InvariantCulture, $" value 0x{one.Value:x}");
                break;
            case EventKind.Digest:
                text.Append(CultureInfo.InvariantCulture, $" 0x{one.Value:x16}");
                break;
        }
        if (one.HasBytes)
            AppendBytes(text, cursor.Bytes);
        return text.ToString();
    }

    public string ToJson(EventCursor cursor)
    {
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer))
            Write(json, cursor);
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    public void Write(Utf8JsonWriter json, EventCursor cursor)
    {
        StreamEvent one = cursor.Next;
        json.WriteStartObject();
        json.WriteNumber("agent", cursor.Stream);
        json.WriteNumber("event", cursor.Consumed + 1);
        json.WriteString("kind", Name(one.Kind));
        json.WriteString("place", Name(one.Place));
        json.WriteNumber("position", one.Position);
        json.WriteNumber("check", one.Check);
        if (one.Kind is EventKind.Elevation or EventKind.Reduction)
            WriteRightChange(json, one, cursor.Constraints);
        if (one.Kind is EventKind.Input or EventKind.Asynchronous)
            json.WriteNumber("code", one.Code);
        if (one.Kind == EventKind.Digest || (one.Kind is EventKind.Input or EventKind.Asynchronous && !one.HasBytes))
            json.WriteString("value", Hex(one.Value));
        if (one.HasBytes)
            json.WriteString("bytes", Convert.ToHexStringLower(cursor.Bytes));
        json.WriteEndObject();
    }

    private void WriteRightChange(Utf8JsonWriter json, in StreamEvent one, ReadOnlySpan<OrderingConstraint> constraints)
    {
        json.WriteNumber("frame", one.Frame);
        if (frames.PseudoIndex(one.Frame) is >= 0 and long pseudo)
            json.WriteNumber("pseudoFrame", pseudo);
        if (one.Kind == EventKind.Reduction)
            json.WriteString("oldRight", one.OldRight.ToString());
        json.WriteString("newRight", one.NewRight.ToString());
        if (one.Kind == EventKind.Reduction)
            return;
        json.WriteStartArray("constraints");
        foreach (OrderingConstraint constraint in constraints)
        {
            json.WriteStartObject();
            json.WriteNumber("agent", constraint.Agent);
            json.WriteNumber("event", constraint.EventNumber);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // Numbers of 64 bits are text in JSON where all of them occur: many readers keep only 53 bits.
    private static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    private static void AppendConstraints(StringBuilder text, ReadOnlySpan<OrderingConstraint> constraints)
    {
        string separator = " after ";
        foreach (OrderingConstraint constraint in constraints)
        {
            text.Append(separator).Append(CultureInfo.InvariantCulture, $"{constraint.Agent}:{constraint.EventNumber}");
            separator = ", ";
        }
    }

    private static void AppendBytes(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append(CultureInfo.InvariantCulture, $", {bytes.Length} bytes ");
        text.Append(Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, MaximumBytesShown)]));
        if (bytes.Length > MaximumBytesShown)
            text.Append('…');
    }
}

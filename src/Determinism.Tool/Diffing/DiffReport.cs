using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Commands;
using Determinism.Tool.Dumping;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Diffing;

/// <summary>Writes what two logs differ in, with the events around it.</summary>
internal sealed class DiffReport(
    FileEventLogReader first, FileEventLogReader second, IReadOnlyList<ContentDifference> contents, EventComparison? events,
    ulong context)
{
    public bool IsIdentical => contents.Count == 0 && events is { Differences.Count: 0 };

    public void WriteText(TextWriter output, string firstName, string secondName)
    {
        if (IsIdentical)
        {
            output.WriteLine($"The logs are identical: {events!.EqualEvents} events of {first.StreamCount} agents.");
            return;
        }
        output.WriteLine("The logs differ.");
        foreach (ContentDifference difference in contents)
            output.WriteLine($"{difference.Name}: {difference.First} | {difference.Second}");
        if (events is null)
        {
            output.WriteLine("Their events were not compared: they have different numbers of agents.");
            return;
        }
        if (events.Differences.Count == 0)
        {
            output.WriteLine($"All {events.EqualEvents} events are equal.");
            return;
        }
        EventDifference leading = events.Differences[0];
        output.WriteLine($"First difference{Qualify(leading)}: {Name(leading)}.");
        WriteContext(output, first, firstName, leading);
        WriteContext(output, second, secondName, leading);
        foreach (EventDifference difference in events.Differences.Skip(1))
            output.WriteLine($"Also{Qualify(difference)}: {Name(difference)}.");
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteBoolean("identical", IsIdentical);
        json.WriteStartArray("contents");
        foreach (ContentDifference difference in contents)
        {
            json.WriteStartObject();
            json.WriteString("name", difference.Name);
            json.WriteString("first", difference.First);
            json.WriteString("second", difference.Second);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (events is not null)
            WriteEvents(json, events);
        json.WriteEndObject();
    }

    private void WriteEvents(Utf8JsonWriter json, EventComparison compared)
    {
        json.WriteNumber("equalEvents", compared.EqualEvents);
        json.WriteStartArray("events");
        foreach (EventDifference difference in compared.Differences)
        {
            json.WriteStartObject();
            json.WriteNumber("agent", difference.Agent);
            json.WriteNumber("event", difference.Number);
            json.WriteStartArray("fields");
            foreach (string field in difference.Fields)
                json.WriteStringValue(field);
            json.WriteEndArray();
            json.WriteBoolean("causesEqual", difference.AreCausesEqual);
            WriteContext(json, "first", first, difference);
            WriteContext(json, "second", second, difference);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Qualify(EventDifference difference) =>
        difference.AreCausesEqual ? ", with equal causes" : ", after another one";

    private static string Name(EventDifference difference) =>
        $"agent {difference.Agent}, event {difference.Number}: {string.Join(", ", difference.Fields)}";

    private void WriteContext(TextWriter output, FileEventLogReader log, string name, EventDifference difference)
    {
        var format = new EventFormat(new LogFrames(log));
        output.WriteLine($"{name}:");
        bool isThere = false;
        foreach (EventCursor cursor in Around(log, difference))
        {
            bool isIt = cursor.Consumed + 1 == difference.Number;
            isThere |= isIt;
            output.WriteLine((isIt ? "> " : "  ") + format.ToText(cursor));
        }
        if (!isThere)
            output.WriteLine(">   (the agent's stream has ended)");
    }

    private void WriteContext(Utf8JsonWriter json, string name, FileEventLogReader log, EventDifference difference)
    {
        var format = new EventFormat(new LogFrames(log));
        json.WriteStartArray(name);
        foreach (EventCursor cursor in Around(log, difference))
            format.Write(json, cursor);
        json.WriteEndArray();
    }

    private IEnumerable<EventCursor> Around(FileEventLogReader log, EventDifference difference)
    {
        ulong from = difference.Number > context ? difference.Number - context : 1;
        EventCursor cursor = log.SeekEvent(difference.Agent, from);
        for (; cursor.MoveToNext() && cursor.Consumed < difference.Number + context; cursor.Consume())
            yield return cursor;
    }
}

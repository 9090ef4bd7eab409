using Determinism.Log;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Dumping;

/// <summary>Writes events as lines, stream by stream. Holds one block of events at a time.</summary>
internal static class EventDump
{
    public static void Write(FileEventLogReader log, IEnumerable<int> agents, EventRange range, bool isJson, TextWriter output)
    {
        var format = new EventFormat(new LogFrames(log));
        if (!isJson)
            output.WriteLine(EventFormat.TextTitle);
        foreach (int agent in agents)
        {
            EventCursor cursor = range.Seek(log, agent);
            for (; cursor.MoveToNext() && !range.IsBeyond(cursor); cursor.Consume())
            {
                if (range.IsWanted(cursor))
                    output.WriteLine(isJson ? format.ToJson(cursor) : format.ToText(cursor));
            }
        }
    }
}

using System.Globalization;
using System.Text;
using Determinism.Checkpoints;
using Determinism.Debugging;
using Determinism.Log;
using Determinism.Queries;

namespace Determinism.Emulation.History;

/// <content>What a debugger's user asks beyond what a debugger knows.</content>
public sealed partial class RecordedHistory
{
    private LogQueries? _queries;

    /// <summary>Commands of <c>monitor</c> about this recording.</summary>
    public IReadOnlyList<MonitorCommand> Commands =>
    [
        new MonitorCommand("points", "says where each agent of the recording is: event and point", (_, _) => DescribePoints()),
        new MonitorCommand("seek-event", "AGENT N: goes to the first state after event N of an agent", SeekEvent),
        new MonitorCommand("last-writer", "ADDRESS [BYTES]: says which step before here was the last to write there", DescribeLastWriter),
        new MonitorCommand("writers", "ADDRESS [BYTES]: lists the steps of the whole recording that write there", DescribeWriters),
        new MonitorCommand("owners", "ADDRESS [N]: says who may use the frame of an address now, and the last N changes", DescribeOwners),
        new MonitorCommand("events", "[N]: lists the last and the next N events of each agent", DescribeEvents),
        new MonitorCommand("before", "AGENT N: says what of each agent must come before an event", DescribeBefore),
        new MonitorCommand("order", "AGENT N AGENT N: says whether one event comes before another, and why", DescribeOrder),
        new MonitorCommand("checkpoints", "lists the checkpoints of the recording", (_, _) => DescribeCheckpoints()),
    ];

    private LogQueries Queries => _queries ??= new LogQueries(_log);

    private string DescribePoints()
    {
        var text = new StringBuilder();
        for (int agent = 0; agent < _configuration.Shape.AgentCount; agent++)
        {
            string place = agent < _configuration.VcpuCount
                ? $"vCPU {agent} at {_configuration.Image.NameOf(Processors.Registers(agent).Rip)}, {Processors.ReadPoint(agent)}"
                : $"agent {agent}";
            text.Append(CultureInfo.InvariantCulture, $"{place}, after event {_replay.Session.Agent(agent).CompletedEvents}\n");
        }
        return text.ToString();
    }

    private string SeekEvent(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (words.Count != 2 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int agent)
            || agent >= _configuration.Shape.AgentCount
            || !ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return "Which event? The number of an agent, and that of its event.\n";
        if (_replay.Session.Agent(agent).CompletedEvents >= number)
            Seek(0, cancellationToken);
        if (_replay.Session.Agent(agent).CompletedEvents < number)
            Advance(ulong.MaxValue, new EventWatch(this, agent, number), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return $"After step {Position}.\n" + DescribePoints();
    }

    private string DescribeLastWriter(IReadOnlyList<string> words, CancellationToken cancellationToken) =>
        TryParseRange(words, out ulong address, out ulong size)
            ? FindLastWriter(address, size, cancellationToken) is { } writer ? Describe(writer) : "Nobody has written there.\n"
            : "Whose writer? An address, and a number of bytes if it is not one.\n";

    private string DescribeWriters(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (!TryParseRange(words, out ulong address, out ulong size))
            return "Whose writers? An address, and a number of bytes if it is not one.\n";
        IReadOnlyList<WriterStep> writers = FindWriters(address, size, cancellationToken);
        return writers.Count == 0 ? "Nobody writes there.\n" : string.Concat(writers.Select(Describe));
    }

    private string Describe(WriterStep writer) => string.Create(CultureInfo.InvariantCulture,
        $"Thread {writer.Thread} at {_configuration.Image.NameOf(writer.Address)} (0x{writer.Address:x}); \"monitor seek {writer.Position}\" goes there.\n");

    private string DescribeOwners(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        ulong wanted = 5;
        if (words.Count is < 1 or > 2 || !TryParse(words[0], out ulong address) || address >= _configuration.Shape.MemoryBytes
            || (words.Count == 2 && !TryParse(words[1], out wanted)))
            return "Owners of what? An address in memory, and how many changes if not 5.\n";
        ulong frame = _configuration.Shape.FrameOf(address);
        ulong baton = _configuration.Shape.FrameCount - 1;
        var text = new StringBuilder();
        for (int agent = 0; agent < _configuration.Shape.AgentCount; agent++)
        {
            string alone = _replay.Session.RightOf(agent, baton) == AccessRight.ReadWrite ? ", and has the whole machine alone" : "";
            text.Append(CultureInfo.InvariantCulture, $"{NameOf(agent)}: {_replay.Session.RightOf(agent, frame)} to frame 0x{frame:x}{alone}\n");
        }
        List<OwnershipChange> past = [.. Queries.OwnershipHistory(frame)
            .Where(one => one.Event.Number <= _replay.Session.Agent(one.Event.Agent).CompletedEvents)];
        cancellationToken.ThrowIfCancellationRequested();
        foreach (OwnershipChange one in past.Skip((int)Math.Max(0, past.Count - (long)Math.Min(wanted, int.MaxValue))))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"event {one.Event}: {NameOf(one.Event.Agent)} from {one.OldRight} to {one.NewRight}\n");
        }
        return text.ToString();
    }

    private string DescribeEvents(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        ulong wanted = 3;
        if (words.Count > 1 || (words.Count == 1 && (!TryParse(words[0], out wanted) || wanted > 1000)))
            return "How many events, up to 1000?\n";
        var text = new StringBuilder();
        for (int agent = 0; agent < _configuration.Shape.AgentCount; agent++)
        {
            ulong completed = _replay.Session.Agent(agent).CompletedEvents;
            text.Append(CultureInfo.InvariantCulture, $"{NameOf(agent)}, after event {completed}:\n");
            for (var cursor = new EventCursor(_log, agent, _log.StreamCount); cursor.Consumed < completed + wanted && cursor.MoveToNext(); cursor.Consume())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (cursor.Consumed + wanted >= completed)
                    text.Append(cursor.Consumed < completed ? "  " : "> ").Append(Describe(cursor)).Append('\n');
            }
        }
        return text.ToString();
    }

    private static string Describe(EventCursor cursor)
    {
        StreamEvent one = cursor.Next;
        string what = one.Kind switch
        {
            EventKind.Elevation => $" of frame 0x{one.Frame:x} to {one.NewRight}"
                + (cursor.Constraints.IsEmpty ? "" : " after " + string.Join(" ", cursor.Constraints.ToArray().Select(cause => new EventReference(cause.Agent, cause.EventNumber)))),
            EventKind.Reduction => $" of frame 0x{one.Frame:x} from {one.OldRight} to {one.NewRight}",
            EventKind.Input or EventKind.Asynchronous => string.Create(CultureInfo.InvariantCulture, $" {one.Code}"),
            _ => "",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{cursor.Consumed + 1} at {one.Place} {one.Position}: {one.Kind}{what}");
    }

    private string DescribeBefore(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (!TryParseEvents(words, out EventReference[] events) || events.Length != 1)
            return "Before which event? The number of an agent, and that of its event.\n";
        try
        {
            IReadOnlyList<ulong> before = Queries.EventsBefore(events[0]);
            return string.Concat(before.Select((count, agent) => string.Create(CultureInfo.InvariantCulture, agent == events[0].Agent
                ? $"{NameOf(agent)}: its events up to {count - 1}\n"
                : count == 0 ? $"{NameOf(agent)}: nothing\n" : $"{NameOf(agent)}: its events up to {count}\n")));
        }
        catch (ArgumentOutOfRangeException)
        {
            return $"There is no event {events[0]}.\n";
        }
    }

    private string DescribeOrder(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (!TryParseEvents(words, out EventReference[] events) || events.Length != 2)
            return "Which events? The number of an agent and that of its event, twice.\n";
        try
        {
            IReadOnlyList<EventReference>? forth = Queries.FindOrder(events[0], events[1]);
            IReadOnlyList<EventReference>? back = forth is null ? Queries.FindOrder(events[1], events[0]) : null;
            return forth is not null ? $"{events[0]} comes before {events[1]}: {string.Join(" < ", forth)}\n"
                : back is not null ? $"{events[1]} comes before {events[0]}: {string.Join(" < ", back)}\n"
                : $"The recording does not order {events[0]} and {events[1]}.\n";
        }
        catch (ArgumentOutOfRangeException)
        {
            return "There are no such events.\n";
        }
    }

    private string DescribeCheckpoints()
    {
        IReadOnlyList<Checkpoint> all = Queries.Checkpoints.All;
        return all.Count == 0 ? "There are none.\n" : string.Concat(all.Select(static one => $"{one.Number}: {one.Cut}\n"));
    }

    private string NameOf(int agent) => agent < _configuration.VcpuCount
        ? string.Create(CultureInfo.InvariantCulture, $"vCPU {agent}")
        : string.Create(CultureInfo.InvariantCulture, $"agent {agent}");

    private bool TryParseEvents(IReadOnlyList<string> words, out EventReference[] events)
    {
        events = new EventReference[words.Count / 2];
        for (int index = 0; index < events.Length; index++)
        {
            if (!TryParse(words[index * 2], out ulong agent) || agent >= (ulong)_log.StreamCount
                || !TryParse(words[(index * 2) + 1], out ulong number) || number == 0)
                return false;
            events[index] = new EventReference((int)agent, number);
        }
        return words.Count % 2 == 0;
    }

    private static bool TryParseRange(IReadOnlyList<string> words, out ulong address, out ulong size)
    {
        size = 1;
        address = 0;
        return words.Count is 1 or 2 && TryParse(words[0], out address) && (words.Count == 1 || TryParse(words[1], out size))
            && size > 0 && address + (size - 1) >= address;
    }

    private static bool TryParse(string word, out ulong value) => word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private sealed class EventWatch(RecordedHistory history, int agent, ulong number) : IHistoryObserver
    {
        public bool Taken(in HistoryStep step) => history._replay.Session.Agent(agent).CompletedEvents >= number;
    }
}

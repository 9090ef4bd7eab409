using System.Globalization;
using System.Text;
using Determinism.Checkpoints;
using Determinism.Debugging;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Queries;

namespace Determinism.Emulation.History;

/// <summary>The commands of <c>monitor</c> about a recording, and their answers as text.</summary>
internal sealed class HistoryCommands
{
    private const int MostEvents = 1000;
    private const int MostWriters = 100;

    private readonly RecordedHistory _history;
    private readonly MachineConfiguration _configuration;
    private readonly Lazy<LogQueries> _queries;

    public HistoryCommands(RecordedHistory history, IEventLogReader log)
    {
        _history = history;
        _configuration = history.Configuration;
        _queries = new Lazy<LogQueries>(() => new LogQueries(log));
    }

    public IReadOnlyList<MonitorCommand> All =>
    [
        Command("points", "says where each agent of the recording is: event and point", (_, _) => DescribePoints()),
        Command("seek-event", "AGENT N: goes to the first state after event N of an agent", SeekEvent),
        Command("events", "[N]: lists the last and the next N events of each agent", DescribeEvents),
        Command("last-writer", "ADDRESS [BYTES]: says who wrote there last before here", DescribeLastWriter),
        Command("writers", "ADDRESS [BYTES]: lists who writes there in the whole recording", DescribeWriters),
        Command("owners", "ADDRESS [N]: says who may use its frame here, and the last N changes of that", DescribeOwners),
        Command("before", "[AGENT N]: says what must come before an event; before the next thread's last one if none is named", DescribeBefore),
        Command("order", "AGENT N AGENT N: says which of two events must come first, and why", DescribeOrder),
        Command("checkpoints", "lists the checkpoints of the recording", (_, _) => DescribeCheckpoints()),
    ];

    private LogQueries Queries => _queries.Value;

    private static MonitorCommand Command(string name, string help, Func<IReadOnlyList<string>, CancellationToken, string> run) =>
        new(name, help, (words, cancellationToken) =>
        {
            try
            {
                return run(words, cancellationToken);
            }
            catch (DeterminismException error)
            {
                throw new DebugTargetException("The log does not answer. " + error.Message, error);
            }
        });

    private string DescribePoints()
    {
        var text = new StringBuilder();
        IGuestProcessors processors = _history.Machine.Processors;
        for (int agent = 0; agent < _configuration.Shape.AgentCount; agent++)
        {
            string place = agent < _configuration.VcpuCount
                ? $" at {_configuration.Image.NameOf(processors.Registers(agent).Rip)}, {processors.ReadPoint(agent)}"
                : "";
            Line(text, $"{NameOf(agent)}{place}, after event {_history.CompletedEvents(agent)}");
        }
        return text.ToString();
    }

    private string SeekEvent(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (words.Count != 2 || !TryParseAgent(words[0], out int agent) || !TryParse(words[1], out ulong number))
            return "Which event? The number of an agent, and that of its event.\n";
        _history.SeekEvent(agent, number, cancellationToken);
        return Text($"After step {_history.Position}.\n") + DescribePoints();
    }

    private string DescribeEvents(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        ulong wanted = 3;
        if (words.Count > 1 || (words.Count == 1 && (!TryParse(words[0], out wanted) || wanted > MostEvents)))
            return Text($"How many events, up to {MostEvents}?\n");
        var text = new StringBuilder();
        for (int agent = 0; agent < _configuration.Shape.AgentCount; agent++)
        {
            ulong completed = _history.CompletedEvents(agent);
            Line(text, $"{NameOf(agent)}, after event {completed}:");
            ulong first = Math.Max(Math.Max(completed, wanted) - wanted, EventsAtStart(agent)) + 1;
            EventCursor cursor = Queries.ReadFrom(new EventReference(agent, first));
            for (; cursor.Consumed < completed + wanted && cursor.MoveToNext(); cursor.Consume())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Line(text, $"{(cursor.Consumed < completed ? "  " : "> ")}{Describe(cursor)}");
            }
        }
        return text.ToString();
    }

    private string DescribeLastWriter(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (!TryParseRange(words, out ulong address, out ulong size))
            return "Whose writer? An address in memory or a symbol, and how many bytes.\n";
        RecordedWrite? writer = _history.FindLastWriter(address, size, cancellationToken);
        return writer is null ? "Nobody has written there.\n" : Describe(writer);
    }

    private string DescribeWriters(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (!TryParseRange(words, out ulong address, out ulong size))
            return "Whose writers? An address in memory or a symbol, and how many bytes.\n";
        var text = new StringBuilder();
        int count = 0;
        foreach (RecordedWrite writer in _history.FindWriters(address, size, cancellationToken))
        {
            if (count++ == MostWriters)
                return text.Append(CultureInfo.InvariantCulture, $"And more: these are the first {MostWriters}.\n").ToString();
            text.Append(Describe(writer));
        }
        return count == 0 ? "Nobody writes there.\n" : text.ToString();
    }

    private string DescribeOwners(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        ulong wanted = 5;
        if (words.Count is < 1 or > 2 || !TryParseRange([words[0]], out ulong address, out _)
            || (words.Count == 2 && (!TryParse(words[1], out wanted) || wanted > MostEvents)))
            return Text($"Owners of what? An address in memory or a symbol, and how many changes, up to {MostEvents}.\n");
        ulong frame = _configuration.Shape.FrameOf(address);
        ulong[] here = [.. Enumerable.Range(0, _configuration.Shape.AgentCount).Select(_history.CompletedEvents)];
        var text = new StringBuilder();
        IReadOnlyList<AccessRight> rights = Queries.RightsAt(frame, here, cancellationToken);
        for (int agent = 0; agent < rights.Count; agent++)
            Line(text, $"{NameOf(agent)}: {rights[agent]} to frame 0x{frame:x}");
        foreach (OwnershipChange one in Queries.LastOwnershipChanges(frame, here, (int)wanted, cancellationToken))
        {
            string whole = one.IsWholeMachine ? ", with the whole machine" : "";
            Line(text, $"event {one.Event}, {one.Place} {one.Position}: {NameOf(one.Event.Agent)} from {one.OldRight} to {one.NewRight}{whole}");
        }
        return text.ToString();
    }

    private string DescribeBefore(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        EventReference one;
        if (words.Count == 0)
        {
            int vcpu = Math.Max(_history.NextThread - 1, 0);
            one = new EventReference(vcpu, _history.CompletedEvents(vcpu));
            if (one.Number <= EventsAtStart(vcpu))
                return Text($"{NameOf(vcpu)} has had no event yet.\n");
        }
        else if (words.Count != 2 || !TryParseEvent(words, 0, out one))
        {
            return "Before which event? The number of an agent, and that of its event.\n";
        }
        IReadOnlyList<ulong> before = Queries.EventsBefore(one, cancellationToken);
        var text = new StringBuilder();
        Line(text, $"Before event {one}:");
        for (int agent = 0; agent < before.Count; agent++)
        {
            ulong count = agent == one.Agent ? before[agent] - 1 : before[agent];
            Line(text, $"{NameOf(agent)}: {(count == 0 ? "nothing" : Text($"its events up to {count}"))}");
        }
        return text.ToString();
    }

    private string DescribeOrder(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (words.Count != 4 || !TryParseEvent(words, 0, out EventReference one) || !TryParseEvent(words, 2, out EventReference other))
            return "Which events? The number of an agent and that of its event, twice.\n";
        if (Queries.FindOrder(one, other, cancellationToken) is { } forth)
            return $"{one} comes before {other}: {string.Join(" < ", forth)}\n";
        return Queries.FindOrder(other, one, cancellationToken) is { } back
            ? $"{other} comes before {one}: {string.Join(" < ", back)}\n"
            : $"The recording does not order {one} and {other}.\n";
    }

    private string DescribeCheckpoints()
    {
        var text = new StringBuilder();
        foreach (Checkpoint one in Queries.Checkpoints.All)
        {
            string met = _history.FindPosition(one) is { } position ? Text($" (\"monitor seek {position}\")") : "";
            Line(text, $"{one.Number}: {one.Cut}{met}");
        }
        return text.Length == 0 ? "There are none.\n" : text.ToString();
    }

    private static string Describe(EventCursor cursor)
    {
        StreamEvent one = cursor.Next;
        string what = one.Kind switch
        {
            EventKind.Elevation => Text($" of frame 0x{one.Frame:x} to {one.NewRight}"),
            EventKind.Reduction => Text($" of frame 0x{one.Frame:x} from {one.OldRight} to {one.NewRight}"),
            EventKind.Input or EventKind.Asynchronous => Text($" {one.Code}"),
            _ => "",
        };
        var causes = new StringBuilder();
        foreach (OrderingConstraint cause in cursor.Constraints)
            causes.Append(causes.Length == 0 ? ", after " : " ").Append(new EventReference(cause.Agent, cause.EventNumber));
        return Text($"{cursor.Consumed + 1} at {one.Place} {one.Position}: {one.Kind}{what}{causes}");
    }

    private string Describe(RecordedWrite writer)
    {
        string place = writer.Instruction is { } instruction
            ? Text($" at {_configuration.Image.NameOf(instruction)} (0x{instruction:x})")
            : writer.Agent < _configuration.VcpuCount ? ", an interrupt or a service" : ", a device";
        return Text($"{NameOf(writer.Agent)}{place}, after its event {writer.Event}; \"monitor seek {writer.Position}\" goes there.\n");
    }

    /// <summary>Events that an agent has had where the recording begins; they are not in the log.</summary>
    private ulong EventsAtStart(int agent) => Queries.Checkpoints.Start?.Cut.Positions[agent].Events ?? 0;

    private string NameOf(int agent) => agent < _configuration.VcpuCount ? Text($"vCPU {agent}") : Text($"agent {agent}");

    private bool TryParseAgent(string word, out int agent)
    {
        bool isThere = TryParse(word, out ulong number) && number < (ulong)_configuration.Shape.AgentCount;
        agent = isThere ? (int)number : 0;
        return isThere;
    }

    private bool TryParseEvent(IReadOnlyList<string> words, int at, out EventReference one)
    {
        one = default;
        if (!TryParseAgent(words[at], out int agent) || !TryParse(words[at + 1], out ulong number) || number <= EventsAtStart(agent))
            return false;
        one = new EventReference(agent, number);
        return Queries.ReadFrom(one) is { } cursor && cursor.Consumed == number - 1 && cursor.MoveToNext();
    }

    /// <summary>A range in memory: an address and one byte, or a symbol and all of it, unless a number of bytes follows.</summary>
    private bool TryParseRange(IReadOnlyList<string> words, out ulong address, out ulong size)
    {
        address = 0;
        size = 1;
        if (words.Count is not (1 or 2))
            return false;
        if (_configuration.Image.Symbols.FirstOrDefault(symbol => symbol.Name == words[0]) is { } named)
            (address, size) = (named.Address, Math.Max(named.Bytes, 1));
        else if (!TryParse(words[0], out address))
            return false;
        ulong memory = Math.Min(_configuration.MemoryBytes, int.MaxValue);
        return (words.Count == 1 || TryParse(words[1], out size)) && size > 0 && size <= memory && address <= _configuration.MemoryBytes - size;
    }

    private static bool TryParse(string word, out ulong value) => word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(Text(line)).Append('\n');
}

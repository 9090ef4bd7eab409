using System.Globalization;
using Determinism.Log;
using Determinism.Tool.Dumping;
using Determinism.Queries;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Exporting;

/// <summary>Turns a log into a trace: a lane an agent, a slice a place, its events in it, an arrow a constraint.</summary>
/// <remarks>Remembers 8 bytes an event, for the arrows; the trace itself has some 200.</remarks>
internal sealed class PerfettoExport
{
    private const int AllTimes = 1 << 30;

    private readonly TraceWriter _trace;
    private readonly LogFrames _frames;
    private readonly EventFormat _format;
    private readonly CausalWalk _walk;
    private readonly OpenSlice?[] _open;
    private readonly IntervalCounter _rightChanges;
    private readonly IntervalCounter _constraints;
    private long _slices;
    private long _events;
    private long _flows;

    private PerfettoExport(IEventLogReader log, TraceWriter trace, long interval)
    {
        _trace = trace;
        _frames = new LogFrames(log);
        _format = new EventFormat(_frames);
        _walk = new CausalWalk(log, AllTimes);
        _open = new OpenSlice?[log.StreamCount];
        string every = string.Create(CultureInfo.InvariantCulture, $" per {interval}");
        _rightChanges = new IntervalCounter(trace, "right changes" + every, interval);
        _constraints = new IntervalCounter(trace, "constraints" + every, interval);
    }

    /// <summary>Writes a log as a trace.</summary>
    /// <param name="log">The log.</param>
    /// <param name="target">Where to.</param>
    /// <param name="interval">Units of time that each value of a counter is of.</param>
    /// <param name="progress">Told the bytes of events.</param>
    /// <exception cref="LogDamagedException">The constraints cannot be kept.</exception>
    public static ExportCounts Write(FileEventLogReader log, Stream target, long interval, Progress progress)
    {
        ClosedLog? closed = log.IsComplete ? null : ClosedLog.Of(log);
        ulong dropped = 0;
        foreach (StreamCut cut in closed?.Cuts ?? [])
            dropped += cut.DroppedEvents;
        using var trace = new TraceWriter(target, Describe(log));
        var export = new PerfettoExport(closed ?? (IEventLogReader)log, trace, interval);
        export.Write(progress);
        trace.Complete();
        return new ExportCounts(log.StreamCount, export._slices, export._events, export._flows, dropped);
    }

    private static IEnumerable<KeyValuePair<string, string>> Describe(FileEventLogReader log)
    {
        yield return new("timeAxis", "Logical time, not wall time, which a log does not have: each event is at least its clock's"
            + " counts (one count is shown as 1 us) after its agent's event before, and later than the causes that its"
            + " constraints name. Lengths of slices say nothing.");
        if (!log.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> content))
            yield break;
        LogHeader header = LogHeader.FromBytes(content.Span);
        yield return new("guest", header.Guest);
        yield return new("backend", header.Backend);
        yield return new("processor", header.Processor);
        yield return new("clock", header.Clock.ToString());
    }

    private void Write(Progress progress)
    {
        _trace.NameProcess("recorded machine");
        for (int agent = 0; agent < _open.Length; agent++)
            _trace.NameLane(agent, _frames.NameAgent(agent));
        while (_walk.MoveToNext())
        {
            progress.Add(_walk.EventBytes);
            WriteEvent(_walk.Current, _walk.Time);
        }
        _walk.ThrowIfStuck();
        for (int agent = 0; agent < _open.Length; agent++)
            Close(agent);
        _rightChanges.Finish();
        _constraints.Finish();
    }

    private void WriteEvent(EventCursor cursor, long time)
    {
        StreamEvent one = cursor.Next;
        int agent = cursor.Stream;
        if (_open[agent] is not { } open || open.Place != one.Place || open.Position != one.Position)
        {
            Close(agent);
            _trace.BeginSlice(agent, time,
                string.Create(CultureInfo.InvariantCulture, $"{EventFormat.Name(one.Place)} {one.Position}"));
            _slices++;
        }
        _open[agent] = new OpenSlice(one.Place, one.Position, time);
        _trace.WriteSlice(agent, time, Name(one), EventFormat.Name(one.Kind), json => _format.Write(json, cursor));
        _events++;
        foreach (OrderingConstraint constraint in cursor.Constraints)
            _trace.WriteFlow(++_flows, constraint.Agent, _walk.TimesOf(constraint.Agent)[constraint.EventNumber], agent, time);
        _rightChanges.Add(time, one.Kind is EventKind.Elevation or EventKind.Reduction ? 1 : 0);
        _constraints.Add(time, cursor.Constraints.Length);
    }

    private void Close(int agent)
    {
        if (_open[agent] is { } open)
            _trace.EndSlice(agent, open.LastTime + 1);
    }

    private string Name(in StreamEvent one) => one.Kind switch
    {
        EventKind.Elevation or EventKind.Reduction => $"{EventFormat.Name(one.Kind)} {_frames.Name(one.Frame)} to {one.NewRight}",
        EventKind.Input or EventKind.Asynchronous => $"{EventFormat.Name(one.Kind)} {one.Code}",
        _ => EventFormat.Name(one.Kind),
    };

    private readonly record struct OpenSlice(PlaceKind Place, ulong Position, long LastTime);
}

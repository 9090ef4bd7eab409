using System.Globalization;
using System.Text;
using Determinism.Debugging.Navigation;

namespace Determinism.Debugging;

/// <summary>A history under a debugger: forwards and backwards between its breakpoints and watchpoints.</summary>
/// <remarks>
/// <para>A breakpoint is hit where the instruction that comes next is at its address. Forwards, what is watched stops behind the
/// step that touched it; backwards before it. Backwards looks at the pieces between checkpoints, the last one first, each from
/// its beginning, and goes to the last hit in it.</para>
/// <para>A thread steps when its turn comes: what others do before in the past, they do again. Steps backwards undo all back to
/// the thread's last step.</para>
/// <para>Not thread-safe; see <see cref="IDebugTarget"/>.</para>
/// </remarks>
public sealed class HistoryTarget : IDebugTarget
{
    private readonly IHistory _history;
    private readonly IReadOnlyList<MonitorCommand> _commands;

    // What was told last, and where: a breakpoint is not told twice.
    private ulong _toldAt = ulong.MaxValue;
    private int _toldThread;

    // What has happened to a thread that nobody wanted to hear of yet.
    private DebugStop? _unheard;

    // The points of the last resumption: the debugger takes the one away that it steps over.
    private IReadOnlyCollection<DebugPoint> _lastPoints = [];

    /// <summary>Creates it.</summary>
    /// <param name="history">The history, not to be moved by anybody else.</param>
    /// <param name="commands">Commands of <c>monitor</c>, besides <c>help</c>, <c>where</c> and <c>seek</c>.</param>
    public HistoryTarget(IHistory history, params IEnumerable<MonitorCommand> commands)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(commands);
        _history = history;
        _commands =
        [
            new MonitorCommand("help", "lists the commands", (_, _) => Help()),
            new MonitorCommand("where", "says which step this is", (_, _) => Where()),
            new MonitorCommand("seek", "N: goes to the state after N steps; \"begin\" and \"end\" are known too", Seek),
            .. commands,
        ];
    }

    /// <inheritdoc />
    public TargetDescription Description => _history.Description;

    /// <inheritdoc />
    public bool IsReversible => true;

    /// <inheritdoc />
    public IReadOnlyList<DebugThread> Threads => _history.Threads;

    /// <inheritdoc />
    public int CurrentThread => _history.NextThread != 0 ? _history.NextThread : _history.Threads[0].Id;

    /// <inheritdoc />
    public bool TryReadRegister(int thread, int register, Span<byte> destination) =>
        _history.TryReadRegister(thread, register, destination);

    /// <inheritdoc />
    public void WriteRegister(int thread, int register, ReadOnlySpan<byte> source) => throw Unchangeable();

    /// <inheritdoc />
    public int ReadMemory(ulong address, Span<byte> destination) => _history.ReadMemory(address, destination);

    /// <inheritdoc />
    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => throw Unchangeable();

    /// <inheritdoc />
    public bool Supports(DebugPointKind kind) => true;

    /// <inheritdoc />
    public DebugStop Resume(ResumeRequest request, CancellationToken interrupt)
    {
        ArgumentNullException.ThrowIfNull(request);
        DebugStop stop = request.IsBackward ? GoBackward(request, interrupt) : GoForward(request, interrupt);
        _lastPoints = request.Points;
        _toldAt = _history.Position;
        _toldThread = stop.Thread;
        return stop;
    }

    /// <inheritdoc />
    public string Monitor(string command, CancellationToken interrupt)
    {
        ArgumentNullException.ThrowIfNull(command);
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return Help();
        foreach (MonitorCommand known in _commands)
        {
            if (known.Name == words[0])
                return known.Run(words[1..], interrupt);
        }
        return $"There is no command \"{words[0]}\"; \"monitor help\" lists those there are.\n";
    }

    private static DebugTargetException Unchangeable() =>
        new("What is recorded has happened: registers and memory can be read, not written.");

    private DebugStop GoForward(ResumeRequest request, CancellationToken interrupt)
    {
        // Heard or not, it is told once, and only if it is still wanted.
        DebugStop? unheard = _unheard;
        _unheard = null;
        bool isStepAlone = request.IsStep && request.IsAlone;
        PointTable points = isStepAlone
            ? new PointTable(request.Points, SteppedOver(request), request.Thread)
            : new PointTable(request.Points);
        DebugStop? stop = unheard is not null && request.Points.Contains(unheard.Point) ? unheard : Untold(points, request);
        if (stop is null)
        {
            var walk = new ForwardWalk(_history, request, points);
            _history.Advance(ulong.MaxValue, walk, interrupt);
            stop = walk.Stop;
        }
        if (stop is null)
            return _history.NextThread == 0 ? DebugStop.HistoryEnd(CurrentThread) : DebugStop.Interrupted(CurrentThread);
        if (!isStepAlone || stop.Thread == request.Thread || request.Thread == 0)
            return stop;
        // gdb steps a thread off a breakpoint alone, and cannot hear of another's stop then. It hears of it when it goes on.
        if (stop.Reason == DebugStopReason.Watchpoint)
            _unheard = stop;
        return DebugStop.Stepped(request.Thread);
    }

    /// <summary>A breakpoint that the next step is at, and that was not told: the history stopped here for something else.</summary>
    private DebugStop? Untold(PointTable points, ResumeRequest request)
    {
        if (points.NextStop(_history) is not { } stop || (_toldAt == _history.Position && _toldThread == stop.Thread))
            return null;
        // The thread that is to go on stands on it: that is how the debugger resumes from a breakpoint.
        return stop.Thread == request.Thread && request.IsStep ? null : stop;
    }

    /// <summary>The breakpoint that was taken away for the thread to step off: the others still hit it.</summary>
    private DebugPoint? SteppedOver(ResumeRequest request)
    {
        ulong address = PointTable.ProgramCounter(_history, request.Thread != 0 ? request.Thread : CurrentThread);
        foreach (DebugPoint point in _lastPoints)
        {
            if (point.IsBreakpoint && point.Address == address)
                return point;
        }
        return null;
    }

    private DebugStop GoBackward(ResumeRequest request, CancellationToken interrupt)
    {
        _unheard = null;
        var points = new PointTable(request.Points);
        for (ulong end = _history.Position; end > 0;)
        {
            ulong start = _history.CheckpointBefore(end);
            try
            {
                _history.Seek(start, interrupt);
                var walk = new BackwardWalk(_history, request, points, end);
                walk.Begin();
                _history.Advance(end, walk, interrupt);
                interrupt.ThrowIfCancellationRequested();
                if (walk.Stop is { } stop)
                {
                    _history.Seek(walk.Position, interrupt);
                    return stop;
                }
            }
            catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
            {
                // Behind this nothing was hit; what is before is not known.
                _history.Seek(end, CancellationToken.None);
                return DebugStop.Interrupted(CurrentThread);
            }
            end = start;
        }
        _history.Seek(0, CancellationToken.None);
        return DebugStop.HistoryBegin(CurrentThread);
    }

    private string Help()
    {
        var text = new StringBuilder();
        foreach (MonitorCommand command in _commands)
            text.Append(CultureInfo.InvariantCulture, $"{command.Name}: {command.Help}\n");
        return text.ToString();
    }

    private string Where() => _history.NextThread == 0
        ? $"After step {_history.Position}, at the end.\n"
        : $"After step {_history.Position}; thread {_history.NextThread} is next, at 0x{_history.NextAddress:x}.\n";

    private string Seek(IReadOnlyList<string> words, CancellationToken interrupt)
    {
        ulong position = 0;
        if (words is ["end"])
            position = ulong.MaxValue;
        else if (words is not ["begin"] && !(words.Count == 1 && ulong.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out position)))
            return "Which step? A number, \"begin\" or \"end\".\n";
        _unheard = null;
        _history.Seek(position, interrupt);
        _toldAt = _history.Position;
        _toldThread = CurrentThread;
        return Where();
    }
}

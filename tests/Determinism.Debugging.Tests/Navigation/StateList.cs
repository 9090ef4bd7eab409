using Determinism.Debugging.Tests.Support;

namespace Determinism.Debugging.Tests.Navigation;

/// <summary>All states of a run, one after the other, and what the debugger's requests mean on them.</summary>
internal sealed class StateList
{
    private readonly List<ToyMachine> _states = [];

    // By the position that the step leads to.
    private readonly List<(int Thread, HistoryAccess[] Accesses)> _steps = [(0, [])];
    private (int Position, int Thread) _told = (-1, 0);

    public StateList(int threads, ulong seed, ulong end)
    {
        var machine = new ToyMachine(threads, seed);
        _states.Add(machine.Copy());
        while (machine.Position < end)
        {
            int thread = machine.Next + 1;
            _steps.Add((thread, machine.Step()));
            _states.Add(machine.Copy());
        }
    }

    public int Position { get; private set; }

    public void Seek(ulong position)
    {
        Position = (int)position;
        _told = (Position, Shown(Position));
    }

    public DebugStop Resume(ResumeRequest request)
    {
        DebugStop stop = request.IsBackward ? Backward(request) : Forward(request);
        _told = (Position, stop.Thread);
        return stop;
    }

    public void AssertIs(ToyHistory history, string what)
    {
        ToyMachine here = _states[Position];
        Assert.True((ulong)Position == history.Position, $"{what}: at {history.Position}, not {Position}");
        Assert.Equal(here.Pc, history.State.Pc);
        Assert.Equal(here.Rax, history.State.Rax);
        Assert.Equal(here.Memory, history.State.Memory);
        Assert.Equal(Next(Position), history.NextThread);
    }

    private DebugStop Forward(ResumeRequest request)
    {
        if (Breakpoint(request, Position) is { } here && _told != (Position, here.Thread)
            && !(request.IsStep && request.Thread == here.Thread))
            return here;
        while (Position < _states.Count - 1)
        {
            Position++;
            int thread = _steps[Position].Thread;
            if (Watchpoint(request, Position) is { } watched)
                return watched;
            ulong pc = _states[Position].Pc[thread - 1];
            bool isStepped = request.IsStep && request.Thread is var one && (one == 0 || one == thread)
                && !(pc >= request.RangeStart && pc < request.RangeEnd);
            DebugStop? next = Breakpoint(request, Position);
            if (isStepped)
                return next?.Thread == thread ? next : DebugStop.Stepped(thread);
            if (next is not null)
                return next;
        }
        return DebugStop.HistoryEnd(Shown(Position));
    }

    private DebugStop Backward(ResumeRequest request)
    {
        while (Position > 0)
        {
            int thread = _steps[Position].Thread;
            DebugStop? watched = Watchpoint(request, Position);
            Position--;
            if (watched is not null)
                return watched;
            if (Breakpoint(request, Position) is { } next)
                return next;
            if (request.IsStep && (request.Thread == 0 || request.Thread == thread))
                return DebugStop.Stepped(thread);
        }
        return DebugStop.HistoryBegin(Shown(Position));
    }

    private int Next(int position) => position == _states.Count - 1 ? 0 : _states[position].Next + 1;

    private int Shown(int position) => Math.Max(1, Next(position));

    private DebugStop? Breakpoint(ResumeRequest request, int position)
    {
        if (Next(position) is not (> 0 and var thread))
            return null;
        // The one that was set last, of two of different kinds at one place.
        DebugPoint[] there = [.. request.Points.Where(point => point.IsBreakpoint && point.Address == _states[position].Pc[thread - 1])];
        return there.Length > 0 ? DebugStop.AtBreakpoint(thread, there[^1]) : null;
    }

    private DebugStop? Watchpoint(ResumeRequest request, int position)
    {
        (int thread, HistoryAccess[] accesses) = _steps[position];
        foreach (DebugPoint point in request.Points.Where(point => !point.IsBreakpoint)
            .OrderBy(point => point.Address).ThenBy(point => point.Size).ThenBy(point => point.Kind))
        {
            foreach (HistoryAccess access in accesses)
            {
                bool isMeant = point.Kind == DebugPointKind.AccessWatchpoint
                    || (point.Kind == DebugPointKind.WriteWatchpoint && access.IsWrite)
                    || (point.Kind == DebugPointKind.ReadWatchpoint && access.IsRead);
                for (ulong at = access.Address; isMeant && at < access.Address + access.Size; at++)
                {
                    if (at >= point.Address && at < point.Address + point.Size)
                        return DebugStop.AtWatchpoint(thread, point, at);
                }
            }
        }
        return null;
    }
}

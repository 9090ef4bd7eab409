using Determinism.Debugging;
using Determinism.Emulation.History;
using Determinism.Machine;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.Histories;

/// <summary>A debugger that moves at random, beside a walk that knows where each move must end.</summary>
internal sealed class RandomMoves : IDisposable
{
    private readonly RecordedHistory _history;
    private readonly HistoryTarget _target;
    private readonly StraightWalk _walk;
    private readonly Random _random;
    private readonly int _vcpus;
    private readonly ulong[] _functions;
    private readonly ElfSymbol[] _variables;
    private readonly int[] _counts = new int[5];

    public RandomMoves(Recorded recorded, StraightWalk walk, Random random)
    {
        _history = new RecordedHistory(recorded.Log);
        _target = new HistoryTarget(_history);
        _walk = walk;
        _random = random;
        _vcpus = recorded.Configuration.VcpuCount;
        HashSet<ulong> executed = [.. walk.Addresses];
        ElfSymbol[] symbols = [.. recorded.Configuration.Image.Symbols];
        _functions = [.. symbols.Select(one => one.Address).Where(executed.Contains)];
        _variables = [.. symbols.Where(one => one.Bytes is > 0 and <= 64 && !executed.Contains(one.Address))];
        // Where checkpoints are is known when they have been passed.
        _history.Seek((ulong)walk.Length, CancellationToken.None);
    }

    /// <summary>Makes one.</summary>
    /// <returns>What is wrong then; null if nothing is.</returns>
    public string? Move()
    {
        int here = (int)_history.Position;
        int kind = here == 0 ? 0 : _random.Next(_counts.Length);
        if ((kind == 3 && _functions.Length == 0) || (kind == 4 && _variables.Length == 0))
            kind = 1;
        _counts[kind]++;
        (string what, int expected) = kind switch
        {
            0 => Seek(),
            1 => Resume("reverse-stepi", new ResumeRequest { IsStep = true }, here - 1),
            2 => StepThread(here),
            3 => ToBreakpoint(here),
            _ => ToWatchpoint(here),
        };
        if ((int)_history.Position != expected)
            return $"{what} from {here} came to {_history.Position} instead of {expected}";
        return _walk.FindDifference(_history) is { } difference ? $"{what} from {here}: {difference}" : null;
    }

    public override string ToString() =>
        $"{_counts[0]} seeks, {_counts[1]} steps back, {_counts[2]} of a thread, {_counts[3]} to breakpoints, {_counts[4]} to watchpoints";

    public void Dispose() => _history.Dispose();

    private (string What, int Expected) Seek()
    {
        int position = _random.Next(_walk.Length + 1);
        _history.Seek((ulong)position, CancellationToken.None);
        return ("seek", position);
    }

    private (string What, int Expected) StepThread(int here)
    {
        int thread = _random.Next(1, _vcpus + 1);
        return Resume($"reverse-stepi of thread {thread}", new ResumeRequest { IsStep = true, Thread = thread },
            FindLast(here, step => _walk.Threads[step] == thread));
    }

    private (string What, int Expected) ToBreakpoint(int here)
    {
        ulong address = _functions[_random.Next(_functions.Length)];
        var point = new DebugPoint(DebugPointKind.SoftwareBreakpoint, address, 1);
        return Resume($"reverse-continue to 0x{address:x}", new ResumeRequest { Points = [point] },
            FindLast(here, step => _walk.Addresses[step] == address));
    }

    private (string What, int Expected) ToWatchpoint(int here)
    {
        ElfSymbol variable = _variables[_random.Next(_variables.Length)];
        DebugPointKind kind = _random.Next(2) == 0 ? DebugPointKind.WriteWatchpoint : DebugPointKind.AccessWatchpoint;
        var point = new DebugPoint(kind, variable.Address, variable.Bytes);
        return Resume($"reverse-continue to an access of {variable.Name}", new ResumeRequest { Points = [point] },
            FindLast(here, step => _walk.Accesses(step).Any(one => (one.IsWrite || kind == DebugPointKind.AccessWatchpoint)
                && one.Address < variable.Address + variable.Bytes && variable.Address < one.Address + one.Size)));
    }

    private (string What, int Expected) Resume(string what, ResumeRequest request, int expected)
    {
        _target.Resume(request with { IsBackward = true }, CancellationToken.None);
        return (what, expected);
    }

    private static int FindLast(int before, Func<int, bool> match)
    {
        for (int step = before - 1; step > 0; step--)
        {
            if (match(step))
                return step;
        }
        return 0;
    }
}

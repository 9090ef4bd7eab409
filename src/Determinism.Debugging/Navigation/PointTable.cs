using System.Buffers.Binary;

namespace Determinism.Debugging.Navigation;

/// <summary>What stops a history, looked up at each step.</summary>
internal sealed class PointTable
{
    private readonly Dictionary<ulong, DebugPoint> _breakpoints = [];
    private readonly DebugPoint[] _watchpoints;
    private readonly DebugPoint? _steppedOver;
    private readonly int _stepping;

    /// <param name="points">The points.</param>
    /// <param name="steppedOver">A breakpoint that counts for all threads but one.</param>
    /// <param name="stepping">The one.</param>
    public PointTable(IEnumerable<DebugPoint> points, DebugPoint? steppedOver = null, int stepping = 0)
    {
        _steppedOver = steppedOver;
        _stepping = stepping;
        foreach (DebugPoint point in points.Where(point => point.IsBreakpoint))
            _breakpoints[point.Address] = point;
        // In one order, whatever order they were set in: the same hit is told again.
        _watchpoints = [.. points.Where(point => !point.IsBreakpoint)
            .OrderBy(point => point.Address).ThenBy(point => point.Size).ThenBy(point => point.Kind)];
    }

    /// <summary>The stop if the next step is at a breakpoint.</summary>
    public DebugStop? NextStop(IHistory history)
    {
        if (history.NextThread == 0)
            return null;
        if (_breakpoints.Count > 0 && _breakpoints.TryGetValue(history.NextAddress, out DebugPoint point))
            return DebugStop.AtBreakpoint(history.NextThread, point);
        return _steppedOver is { } taken && taken.Address == history.NextAddress && history.NextThread != _stepping
            ? DebugStop.AtBreakpoint(history.NextThread, taken)
            : null;
    }

    /// <summary>The stop if a step has touched what is watched.</summary>
    public DebugStop? StopOf(in HistoryStep step)
    {
        foreach (DebugPoint watched in _watchpoints)
        {
            foreach (HistoryAccess access in step.Accesses)
            {
                if (watched.Watches(access))
                    return DebugStop.AtWatchpoint(step.Thread, watched, Math.Max(watched.Address, access.Address));
            }
        }
        return null;
    }

    /// <summary>Where a thread is.</summary>
    public static ulong ProgramCounter(IHistory history, int thread)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        return history.TryReadRegister(thread, history.Description.ProgramCounter, value)
            ? BinaryPrimitives.ReadUInt64LittleEndian(value)
            : 0;
    }
}

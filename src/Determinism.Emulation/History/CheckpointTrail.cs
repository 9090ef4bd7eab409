using Determinism.Checkpoints;

namespace Determinism.Emulation.History;

/// <summary>The checkpoints that a walk in one order passes, and where each was met, as far as walks have come.</summary>
internal sealed class CheckpointTrail(LogCheckpoints log)
{
    /// <summary>The log's start, in place of a checkpoint's index.</summary>
    public const int Start = -1;

    // Where the log begins nobody comes to.
    private readonly List<Checkpoint> _checkpoints = [.. log.All.Where(one => one != log.Start)];

    private readonly SortedList<ulong, int> _met = [];

    public Checkpoint this[int index] => _checkpoints[index];

    /// <summary>The checkpoint that a walk meets next; <see cref="Start"/> if there is none.</summary>
    /// <remarks>Decided by the one before alone, so that a walk from there meets what a walk through it does.</remarks>
    public int After(int index)
    {
        for (int next = index + 1; next < _checkpoints.Count; next++)
        {
            if (index == Start || _checkpoints[index].Cut.IsWithin(_checkpoints[next].Cut))
                return next;
        }
        return Start;
    }

    /// <summary>A walk has met a checkpoint.</summary>
    public void Meet(int index, ulong position) => _met.TryAdd(position, index);

    /// <summary>The last one that was met at or before a position, and where; the start if none was.</summary>
    public (int Index, ulong Position) LastUpTo(ulong position) => FindLast((at, _) => at <= position);

    /// <summary>The last one that was met of those without an event, and where; the start if none was.</summary>
    public (int Index, ulong Position) LastBefore(int agent, ulong number) =>
        FindLast((_, index) => _checkpoints[index].Cut.Positions[agent].Events < number);

    /// <summary>Where one was met; null if it was not.</summary>
    public ulong? FindPosition(Checkpoint checkpoint)
    {
        if (checkpoint.Number == log.Start?.Number)
            return 0;
        int place = _met.Values.TakeWhile(index => _checkpoints[index].Number != checkpoint.Number).Count();
        return place < _met.Count ? _met.Keys[place] : null;
    }

    private (int Index, ulong Position) FindLast(Func<ulong, int, bool> match)
    {
        for (int place = _met.Count - 1; place >= 0; place--)
        {
            if (match(_met.Keys[place], _met.Values[place]))
                return (_met.Values[place], _met.Keys[place]);
        }
        return (Start, 0);
    }
}

namespace Determinism.Tool.Ordering;

/// <summary>The times of one agent's latest events. They rise.</summary>
/// <param name="limit">How many are kept, a power of two; memory grows as needed up to this.</param>
/// <param name="before">Number of events before the first that there is; they have the time 0.</param>
internal sealed class TimeHistory(int limit, ulong before = 0)
{
    private long[] _times = new long[Math.Min(limit, 1024)];

    private ulong _added;

    /// <summary>Number of the last event that has a time.</summary>
    public ulong Count => before + _added;

    /// <summary>Number of the first event that is still kept.</summary>
    public ulong FirstKept => _added <= (ulong)_times.Length ? before + 1 : Count - (ulong)_times.Length + 1;

    public long Last => _added == 0 ? 0 : this[Count];

    /// <summary>The time of an event; of one that is no longer kept, the oldest time kept: a later one than its own.</summary>
    public long this[ulong number] => number <= before ? 0
        : _times[(Math.Max(number, FirstKept) - before - 1) & (ulong)(_times.Length - 1)];

    public void Add(long time)
    {
        // While nothing has been dropped, the events are where their numbers say, in a longer array too.
        if (_added == (ulong)_times.Length && _times.Length < limit)
            Array.Resize(ref _times, _times.Length * 2);
        _times[_added++ & (ulong)(_times.Length - 1)] = time;
    }
}

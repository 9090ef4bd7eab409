namespace Determinism.Queries;

/// <summary>The times of one agent's latest events. They rise.</summary>
/// <param name="limit">How many are kept, a power of two; memory grows as needed up to this.</param>
/// <param name="skipped">Events before the first one, which have the time 0.</param>
internal sealed class TimeHistory(int limit, ulong skipped = 0)
{
    private readonly ulong _skipped = skipped;
    private long[] _times = new long[Math.Min(limit, 1024)];

    /// <summary>Number of the last event that has a time.</summary>
    public ulong Count { get; private set; } = skipped;

    /// <summary>Number of the first event that is still kept.</summary>
    public ulong FirstKept => Count - _skipped <= (ulong)_times.Length ? _skipped + 1 : Count - (ulong)_times.Length + 1;

    public long Last => this[Count];

    /// <summary>The time of an event; of one that is no longer kept, the oldest time kept: a later one than its own.</summary>
    public long this[ulong number] => number <= _skipped ? 0 : _times[PlaceOf(Math.Max(number, FirstKept))];

    public void Add(long time)
    {
        // While nothing has been dropped, the events are where their numbers say, in a longer array too.
        if (Count - _skipped == (ulong)_times.Length && _times.Length < limit)
            Array.Resize(ref _times, _times.Length * 2);
        _times[PlaceOf(++Count)] = time;
    }

    private ulong PlaceOf(ulong number) => (number - _skipped - 1) & (ulong)(_times.Length - 1);
}

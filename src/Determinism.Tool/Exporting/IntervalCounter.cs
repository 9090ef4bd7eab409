namespace Determinism.Tool.Exporting;

/// <summary>Counts by intervals of time, and writes each interval's count when it is over. Times only rise.</summary>
internal sealed class IntervalCounter(TraceWriter trace, string name, long interval)
{
    private long _start = -1;
    private long _count;

    public void Add(long time, long more)
    {
        if (more == 0)
            return;
        long start = time - (time % interval);
        if (start != _start)
        {
            Finish(next: start);
            _start = start;
        }
        _count += more;
    }

    /// <summary>Ends the interval; falls to 0 after it if the next one does not follow at once.</summary>
    public void Finish(long next = long.MaxValue)
    {
        if (_start < 0)
            return;
        trace.WriteCounter(name, _start, _count);
        if (next > _start + interval)
            trace.WriteCounter(name, _start + interval, 0);
        _start = -1;
        _count = 0;
    }
}

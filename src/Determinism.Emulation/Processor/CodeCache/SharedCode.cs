namespace Determinism.Emulation;

/// <summary>
/// Keeps the code caches of several processors coherent that write to one memory at the same time, as in runs that are not
/// recorded: a store into a frame from which any of them has cached code makes all others forget that code at their next
/// block entry.
/// </summary>
/// <remarks>
/// A store is only noticed where the storing processor knows that there is code. So whoever first caches code from a
/// granule tells all others and waits until each of them that is running has heard it (at its next block entry) before it
/// decodes: no store can slip in unnoticed after that. Members are thread-safe.
/// </remarks>
internal sealed class SharedCode
{
    private const int MostNews = 1 << 14;

    private readonly Lock _lock = new();
    private readonly List<Processor> _processors = [];
    private readonly List<(ulong Granule, bool Written)> _news = [];
    private int[] _cachers = [];
    private long[] _since = [];
    private long _firstNews;

    private long LastNews => _firstNews + _news.Count;

    /// <summary>Makes all processors forget what they have cached from a range of memory, at their next block entry.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="bytes">Number of bytes; what is outside memory is ignored.</param>
    public void ForgetCode(ulong address, ulong bytes)
    {
        lock (_lock)
        {
            if (bytes == 0 || _processors.Count == 0)
                return;
            var shift = _processors[0].GranuleShift;
            var last = bytes - 1 > ulong.MaxValue - address ? ulong.MaxValue : address + bytes - 1;
            for (var granule = address >> shift; granule <= last >> shift && granule < (ulong)_cachers.Length; granule++)
            {
                if (_cachers[granule] != 0)
                    Announce(granule, written: true, from: null);
            }
        }
    }

    internal void Join(Processor processor, ulong granules)
    {
        lock (_lock)
        {
            if (_processors.Count == 0)
            {
                _cachers = new int[granules];
                _since = new long[granules];
            }
            else if ((ulong)_cachers.Length != granules || _processors[0].GranuleShift != processor.GranuleShift)
            {
                throw new ArgumentException("Processors that share code have memory and pages of one size.", nameof(processor));
            }

            _processors.Add(processor);
            processor.NewsHeard = LastNews;
        }
    }

    internal void Quit(Processor processor)
    {
        lock (_lock)
        {
            processor.DropAllCode();
            _processors.Remove(processor);
        }
    }

    /// <summary>From now on the processor may store, until <see cref="Processor.IsInside"/> is false again.</summary>
    internal void Enter(Processor processor)
    {
        processor.IsInside = true;
        // Whoever announces looks at IsInside after announcing; we look for news after setting it.
        Interlocked.MemoryBarrier();
        Hear(processor);
    }

    internal bool HasCode(ulong granule) => Volatile.Read(ref _cachers[granule]) != 0;

    /// <summary>A processor is about to decode from a granule; waits until no store there goes unnoticed. The processor
    /// counts as one that has code there until <see cref="Release"/>.</summary>
    internal void Hold(Processor processor, ulong granule)
    {
        long since;
        lock (_lock)
        {
            if (_cachers[granule]++ == 0)
                _since[granule] = Announce(granule, written: false, from: processor);
            since = _since[granule];
        }

        var spinner = new SpinWait();
        while (!AllHave(since, processor))
        {
            Hear(processor);
            spinner.SpinOnce(-1);
        }
    }

    /// <summary>A processor has its first code from a granule, which it holds.</summary>
    internal void Cache(ulong granule)
    {
        lock (_lock)
            _cachers[granule]++;
    }

    /// <summary>A processor has dropped its last code from a granule, or ended a hold.</summary>
    internal void Release(ulong granule)
    {
        lock (_lock)
            _cachers[granule]--;
    }

    /// <summary>A processor has stored into a granule.</summary>
    internal void Written(Processor processor, ulong granule)
    {
        lock (_lock)
        {
            if (_cachers[granule] != 0)
                Announce(granule, written: true, from: processor);
        }
    }

    /// <summary>Lets a processor act on what it has not heard yet.</summary>
    internal void Hear(Processor processor)
    {
        lock (_lock)
        {
            if (processor.NewsHeard < _firstNews)
            {
                processor.DropAllCode();
                processor.RefreshAllGranules();
            }
            else
            {
                for (var at = processor.NewsHeard; at < LastNews; at++)
                {
                    var (granule, written) = _news[(int)(at - _firstNews)];
                    if (written)
                        processor.DropCode(granule);
                    processor.Refresh(granule);
                }
            }

            processor.NewsHeard = LastNews;
        }
    }

    private bool AllHave(long since, Processor except)
    {
        lock (_lock)
        {
            foreach (var other in _processors)
            {
                if (other != except && other.IsInside && other.NewsHeard < since)
                    return false;
            }

            return true;
        }
    }

    private long Announce(ulong granule, bool written, Processor? from)
    {
        if (_news.Count >= MostNews)
        {
            // Whoever has not heard these drops everything instead.
            _firstNews += _news.Count;
            _news.Clear();
        }

        var upToDate = from != null && from.NewsHeard == LastNews;
        _news.Add((granule, written));
        if (upToDate)
            from!.NewsHeard = LastNews;
        foreach (var other in _processors)
        {
            if (other != from)
                other.Notify();
        }

        return LastNews;
    }
}

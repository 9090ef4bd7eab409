using System.Collections.Concurrent;

namespace Determinism.Benchmarks.StandIns;

/// <summary>A reader-writer lock for each page.</summary>
public readonly struct ReaderWriterPages : IPages<ReaderWriterPages>
{
    private readonly ConcurrentDictionary<ulong, LockedPage> _pages;
    private readonly Agents _agents;

    private ReaderWriterPages(int agents, int frames)
    {
        _pages = new ConcurrentDictionary<ulong, LockedPage>(Environment.ProcessorCount, frames);
        _agents = new Agents(agents);
    }

    public static ReaderWriterPages Create(int agents, int frames) => new(agents, frames);

    public bool Acquire(int agent, ulong frame, AccessRight right)
    {
        LockedPage locked = _pages.GetOrAdd(frame, static _ => new LockedPage());
        locked.Gate.EnterReadLock();
        try
        {
            if (locked.Page.IsHeld(agent, right))
                return false;
        }
        finally
        {
            locked.Gate.ExitReadLock();
        }
        locked.Gate.EnterWriteLock();
        try
        {
            // Only the agent itself gets it rights: that it has none still holds.
            locked.Page.Grant(agent, right, _agents);
            return true;
        }
        finally
        {
            locked.Gate.ExitWriteLock();
        }
    }

    private sealed class LockedPage
    {
        public ReaderWriterLockSlim Gate { get; } = new();

        public Page Page { get; } = new();
    }
}

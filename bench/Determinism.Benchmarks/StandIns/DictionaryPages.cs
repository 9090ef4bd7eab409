namespace Determinism.Benchmarks.StandIns;

/// <summary>One lock, and a dictionary of pages.</summary>
public readonly struct DictionaryPages : IPages<DictionaryPages>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Page> _pages;
    private readonly Agents _agents;

    private DictionaryPages(int agents, int frames)
    {
        _pages = new Dictionary<ulong, Page>(frames);
        _agents = new Agents(agents);
    }

    public static DictionaryPages Create(int agents, int frames) => new(agents, frames);

    public bool Acquire(int agent, ulong frame, AccessRight right)
    {
        lock (_gate)
        {
            if (!_pages.TryGetValue(frame, out Page? page))
                _pages.Add(frame, page = new Page());
            if (page.IsHeld(agent, right))
                return false;
            page.Grant(agent, right, _agents);
            return true;
        }
    }
}

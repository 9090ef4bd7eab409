namespace Determinism.Emulation.Exploration;

/// <summary>The tree of all orders in which vCPUs can make their shared accesses, walked depth first, a run a path.</summary>
/// <remarks>
/// Sleep sets (Godefroid 1996): a vCPU whose next step has been tried at a node need not be tried again below its brothers until
/// something has happened that its step depends on. With all vCPUs that can run tried at each node, exactly one path of each
/// class of equivalent orders comes to its end; others are abandoned where all that can run sleeps.
/// </remarks>
internal sealed class ScheduleTree(bool reduces, int mostAccesses)
{
    private readonly List<Node> _path = [];
    private int _depth;

    /// <summary>Which vCPU made each access of the run.</summary>
    public IReadOnlyList<int> Schedule => [.. _path.Take(_depth).Select(node => node.Chosen)];

    /// <summary>Whether the run was given up because others show all that it could.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Whether the run was given up because it is too long.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>A run begins at the root.</summary>
    public void Begin()
    {
        _depth = 0;
        IsAbandoned = false;
        IsTooLong = false;
    }

    /// <summary>Which vCPU goes on.</summary>
    /// <param name="steps">What each vCPU would do; null for those that cannot.</param>
    /// <returns>The vCPU, or -1: nobody; the run is to be given up.</returns>
    /// <exception cref="DeterminismException">The run does not follow the ones before it.</exception>
    public int Choose(NextStep?[] steps)
    {
        if (_depth == mostAccesses)
        {
            IsTooLong = true;
            return -1;
        }
        if (_depth == _path.Count)
        {
            var node = new Node(steps, _depth == 0 ? 0 : SleepAfter(_path[^1]));
            if (!node.TryChooseNext())
            {
                IsAbandoned = true;
                return -1;
            }
            _path.Add(node);
        }
        else if (!_path[_depth].HasSame(steps))
        {
            throw new DeterminismException("The guest did something else after the same accesses in the same order.");
        }
        return _path[_depth++].Chosen;
    }

    /// <summary>Goes to the next path.</summary>
    /// <returns>False: there is none.</returns>
    public bool MoveNext()
    {
        while (_path.Count > 0 && !_path[^1].TryChooseNext())
            _path.RemoveAt(_path.Count - 1);
        return _path.Count > 0;
    }

    private ulong SleepAfter(Node node)
    {
        if (!reduces)
            return 0;
        ulong sleep = 0;
        for (int vcpu = 0; vcpu < node.Steps.Length; vcpu++)
        {
            if ((node.Tried & (1UL << vcpu)) != 0 && vcpu != node.Chosen
                && node.Steps[vcpu]!.IsIndependentOf(node.Steps[node.Chosen]!))
                sleep |= 1UL << vcpu;
        }
        return sleep;
    }

    /// <summary>A moment at which every vCPU that has not ended stands before a shared access.</summary>
    private sealed class Node(NextStep?[] steps, ulong sleep)
    {
        public NextStep?[] Steps { get; } = steps;

        /// <summary>Who has been tried here, or need not be.</summary>
        public ulong Tried { get; private set; } = sleep;

        public int Chosen { get; private set; } = -1;

        public bool TryChooseNext()
        {
            for (int vcpu = 0; vcpu < Steps.Length; vcpu++)
            {
                if (Steps[vcpu] is null || (Tried & (1UL << vcpu)) != 0)
                    continue;
                Tried |= 1UL << vcpu;
                Chosen = vcpu;
                return true;
            }
            return false;
        }

        public bool HasSame(NextStep?[] others)
        {
            for (int vcpu = 0; vcpu < Steps.Length; vcpu++)
            {
                NextStep? mine = Steps[vcpu], other = others[vcpu];
                if (mine is null != other is null || (mine is not null && !mine.IsSame(other!)))
                    return false;
            }
            return true;
        }
    }
}

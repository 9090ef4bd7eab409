namespace Determinism.Log;

/// <summary>A place in a stream that a reader looks for.</summary>
/// <remarks>An event, or a byte, is in the last block that begins with it or before. Of a point, the first event may be in the
/// block before the one that begins there. No delegates: a scan looks for each of its blocks, and allocates nothing.</remarks>
internal readonly record struct SoughtPlace(SoughtBy By, ulong Position)
{
    /// <summary>The last block that begins before it, or -1.</summary>
    public int LastOf(IReadOnlyList<IndexEntry> blocks)
    {
        int low = -1;
        for (int high = blocks.Count; high - low > 1;)
        {
            int middle = (low + high) >>> 1;
            if (IsAfter(blocks[middle]))
                low = middle;
            else
                high = middle;
        }
        return low;
    }

    public bool IsAfter(in StreamStart segment) => By switch
    {
        SoughtBy.Event => segment.NextEvent <= Position,
        SoughtBy.Offset => (ulong)segment.Offset <= Position,
        SoughtBy.Count => segment.Count < Position,
        _ => segment.Exit < Position,
    };

    private bool IsAfter(in IndexEntry block) => By switch
    {
        SoughtBy.Event => block.FirstEvent <= Position,
        SoughtBy.Offset => (ulong)block.StreamOffset <= Position,
        SoughtBy.Count => block.FirstCount < Position,
        _ => block.FirstExit < Position,
    };
}

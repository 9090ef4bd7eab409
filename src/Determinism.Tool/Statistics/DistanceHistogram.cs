using System.Numerics;

namespace Determinism.Tool.Statistics;

/// <summary>How far apart causes and effects are: counts by powers of two.</summary>
internal sealed class DistanceHistogram
{
    private readonly long[] _buckets = new long[64];

    public void Add(long distance) => _buckets[BitOperations.Log2((ulong)Math.Max(1, distance))]++;

    /// <summary>The buckets up to the last one that has anything; the first is of 1, the next of 2 to 3, then 4 to 7 …</summary>
    public IEnumerable<(long From, long To, long Count)> Buckets
    {
        get
        {
            int last = Array.FindLastIndex(_buckets, static count => count > 0);
            for (int index = 0; index <= last; index++)
                yield return (1L << index, (1L << index) * 2 - 1, _buckets[index]);
        }
    }
}

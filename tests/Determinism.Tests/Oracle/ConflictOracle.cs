using Determinism.Tests.Scripted;

namespace Determinism.Tests.Oracle;

/// <summary>Takes every pair of conflicting accesses that happened, and looks whether the log orders it (law L2).</summary>
internal static class ConflictOracle
{
    public static string FindUnordered(IReadOnlyList<TracedAccess> accesses, DecodedEvent[][] streams, HappensBefore order)
    {
        foreach (IGrouping<ulong, TracedAccess> frame in accesses.GroupBy(access => access.Frame))
        {
            // Between two events of an agent, its first and last accesses of a kind stand for all.
            TracedAccess[] distinct = [.. Distinct(frame)];
            for (int later = 1; later < distinct.Length; later++)
            {
                for (int earlier = 0; earlier < later; earlier++)
                {
                    TracedAccess first = distinct[earlier];
                    TracedAccess second = distinct[later];
                    if (first.Agent == second.Agent || (!first.IsWrite && !second.IsWrite))
                        continue;
                    int leaving = (int)first.AfterEvent + 1;
                    if (leaving > streams[first.Agent].Length
                        || !order.IsBefore(first.Agent, leaving, second.Agent, (int)second.AfterEvent))
                        return $"Nothing orders {first} before {second}.";
                }
            }
        }
        return "";
    }

    private static IEnumerable<TracedAccess> Distinct(IEnumerable<TracedAccess> accesses)
    {
        TracedAccess? last = null;
        foreach (TracedAccess access in accesses)
        {
            if (access != last)
                yield return access;
            last = access;
        }
    }
}

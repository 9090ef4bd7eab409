using Determinism.Queries;
using Determinism.Tests.Oracle;

namespace Determinism.Tests.Queries;

/// <summary>Answers beside those of brute force.</summary>
internal static class Comparison
{
    /// <summary>Says how answers about the order of events differ from the closure of some streams; null if none does.</summary>
    /// <param name="queries">Who answers.</param>
    /// <param name="truth">The streams.</param>
    /// <param name="random">Draws the pairs.</param>
    /// <param name="pairs">How many; all of them if there are not so many.</param>
    public static string? FindDifference(LogQueries queries, DecodedEvent[][] truth, Random random, int pairs)
    {
        var closure = new Closure(truth);
        EventReference[] all = [.. truth.SelectMany((stream, agent) => stream.Select((_, index) => new EventReference(agent, (ulong)index + 1)))];
        IEnumerable<(EventReference, EventReference)> drawn = (long)all.Length * all.Length <= pairs
            ? all.SelectMany(_ => all, static (first, second) => (first, second))
            : Enumerable.Range(0, pairs).Select(_ => (all[random.Next(all.Length)], all[random.Next(all.Length)]));
        foreach ((EventReference first, EventReference second) in drawn)
        {
            bool isBefore = closure.IsBefore(first, second);
            IReadOnlyList<EventReference>? chain = queries.FindOrder(first, second);
            if (queries.HappensBefore(first, second) != isBefore || (chain is not null) != isBefore)
                return $"{first} is {(isBefore ? "" : "not ")}before {second}, but the answer is {(chain is null ? "none" : string.Join(" < ", chain))}";
            if (chain is not null && (chain[0] != first || chain[^1] != second
                || !chain.Zip(chain.Skip(1), closure.IsStep).All(static isStep => isStep)))
                return $"{string.Join(" < ", chain)} does not lead from {first} to {second}";
        }
        foreach (EventReference one in drawn.Select(static pair => pair.Item2).Distinct().Take(pairs))
        {
            ulong[] past = closure.PastOf(one);
            IReadOnlyList<ulong> answer = queries.EventsBefore(one);
            if (!answer.SequenceEqual(past))
                return $"before {one} is {string.Join(" ", past)}, but the answer is {string.Join(" ", answer)}";
        }
        return null;
    }
}

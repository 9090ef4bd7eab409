using Determinism.Queries;
using Determinism.Tests.Oracle;

namespace Determinism.Tests.Queries;

/// <summary>What comes before what by brute force: from an event to the one before it and to those that its constraints name, until
/// nothing new is found.</summary>
internal sealed class Closure(DecodedEvent[][] streams)
{
    /// <summary>By agent, the number of its last event that comes before one, or is it; 0 for none.</summary>
    public ulong[] PastOf(EventReference one)
    {
        var last = new ulong[streams.Length];
        foreach (EventReference found in Search(one))
            last[found.Agent] = Math.Max(last[found.Agent], found.Number);
        return last;
    }

    public bool IsBefore(EventReference first, EventReference second) => first != second && Search(second).Contains(first);

    /// <summary>Whether the second is the next thing to the first: later in its stream, or by a constraint that names it.</summary>
    public bool IsStep(EventReference first, EventReference second) => first.Agent == second.Agent
        ? first.Number < second.Number
        : streams[second.Agent][(int)second.Number - 1].Constraints.Any(cause =>
            cause.Agent == first.Agent && cause.EventNumber == first.Number);

    private HashSet<EventReference> Search(EventReference from)
    {
        HashSet<EventReference> found = [from];
        var open = new Stack<EventReference>(found);
        while (open.TryPop(out EventReference one))
        {
            IEnumerable<EventReference> causes = streams[one.Agent][(int)one.Number - 1].Constraints
                .Select(cause => new EventReference(cause.Agent, cause.EventNumber));
            foreach (EventReference cause in one.Number > 1 ? causes.Append(one with { Number = one.Number - 1 }) : causes)
            {
                if (found.Add(cause))
                    open.Push(cause);
            }
        }
        return found;
    }
}

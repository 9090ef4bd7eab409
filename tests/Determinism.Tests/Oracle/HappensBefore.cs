namespace Determinism.Tests.Oracle;

/// <summary>What program order and written constraints say about the order of events. Written from the definition, with
/// nothing of the production classes.</summary>
internal sealed class HappensBefore
{
    // Of each event, by agent and number - 1: the number of the latest event of every agent that comes before it, itself
    // included.
    private readonly int[][][] _knows;
    private readonly DecodedEvent[][] _streams;

    public HappensBefore(DecodedEvent[][] streams)
    {
        _streams = streams;
        _knows = [.. streams.Select(stream => new int[stream.Length][])];
        Cycle = Propagate();
    }

    /// <summary>The events that no order can place, as text; empty if the constraints have no cycle (law L6).</summary>
    public string Cycle { get; }

    /// <summary>Whether an event is known to be before another, or is that other. Numbers from 1.</summary>
    public bool IsBefore(int agent, int number, int laterAgent, int laterNumber) =>
        laterNumber > 0 && _knows[laterAgent][laterNumber - 1][agent] >= number;

    /// <summary>The written constraints that follow from the other ones and program order (law L4).</summary>
    public IEnumerable<string> FindImplied()
    {
        for (int agent = 0; agent < _streams.Length; agent++)
        {
            for (int index = 0; index < _streams[agent].Length; index++)
            {
                OrderingConstraint[] constraints = _streams[agent][index].Constraints;
                foreach (OrderingConstraint one in constraints)
                {
                    if (IsBefore(one.Agent, (int)one.EventNumber, agent, index) || Array.Exists(constraints,
                            other => other != one
                                && IsBefore(one.Agent, (int)one.EventNumber, other.Agent, (int)other.EventNumber)))
                        yield return $"agent {agent} event {index + 1} after agent {one.Agent} event {one.EventNumber}";
                }
            }
        }
    }

    private string Propagate()
    {
        var done = new int[_streams.Length];
        for (bool isMoving = true; isMoving;)
        {
            isMoving = false;
            for (int agent = 0; agent < _streams.Length; agent++)
            {
                while (done[agent] < _streams[agent].Length && TryPlace(agent, done))
                {
                    done[agent]++;
                    isMoving = true;
                }
            }
        }
        return string.Join("; ", Enumerable.Range(0, done.Length).Where(agent => done[agent] < _streams[agent].Length)
            .Select(agent => $"agent {agent} cannot get past event {done[agent]}"));
    }

    private bool TryPlace(int agent, int[] done)
    {
        DecodedEvent one = _streams[agent][done[agent]];
        if (Array.Exists(one.Constraints, source => done[source.Agent] < (int)source.EventNumber))
            return false;
        int[] knows = done[agent] == 0 ? new int[_streams.Length] : [.. _knows[agent][done[agent] - 1]];
        foreach (OrderingConstraint source in one.Constraints)
        {
            int[] theirs = _knows[source.Agent][(int)source.EventNumber - 1];
            for (int other = 0; other < knows.Length; other++)
                knows[other] = Math.Max(knows[other], theirs[other]);
        }
        knows[agent] = done[agent] + 1;
        _knows[agent][done[agent]] = knows;
        return true;
    }
}

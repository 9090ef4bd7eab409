namespace Determinism.Benchmarks.StandIns;

/// <summary>Who owns and who reads each page, and what a grant must come after: the least that a recorder needs.</summary>
/// <remarks>Implemented by structs so that the calls are direct. Nobody is asked, parked or pinned, and no constraint is reduced: all that our tracker does beside is left out.
/// </remarks>
public interface IPages<TSelf>
    where TSelf : IPages<TSelf>
{
    static abstract TSelf Create(int agents, int frames);

    /// <summary>Whether the right had to be granted; then the constraints of the grant are in the agent's list.</summary>
    bool Acquire(int agent, ulong frame, AccessRight right);
}

namespace Determinism.Conformance;

/// <summary>A run that was recorded, and can be replayed on a new machine.</summary>
public interface IRecordedRun
{
    /// <summary>All that the recorded run came to and a replay must come to again, as text: memory, registers, counts,
    /// output, or digests of them.</summary>
    string Outcome { get; }

    /// <summary>Replays it on a new machine.</summary>
    /// <param name="withholdConstraints">Whether the recorded order of accesses is withheld, as a control.</param>
    /// <returns>What the replay came to.</returns>
    /// <exception cref="DeterminismException">The replay ended with an error, a divergence for example.</exception>
    string Replay(bool withholdConstraints);
}

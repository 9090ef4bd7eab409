namespace Determinism.Litmus;

/// <summary>What running a test showed.</summary>
public sealed record LitmusResult
{
    /// <summary>The test.</summary>
    public required LitmusTest Test { get; init; }

    /// <summary>Where its variables were.</summary>
    public required VariableMap Variables { get; init; }

    /// <summary>How often each outcome was seen.</summary>
    public required IReadOnlyDictionary<Outcome, int> Seen { get; init; }

    /// <summary>What sequential consistency allows.</summary>
    public required IReadOnlySet<Outcome> Sequential { get; init; }

    /// <summary>What TSO allows.</summary>
    public required IReadOnlySet<Outcome> Allowed { get; init; }

    /// <summary>Whether the runs were recorded.</summary>
    public required bool IsRecorded { get; init; }

    /// <summary>Number of recordings, or of unrecorded runs.</summary>
    public int Runs { get; init; }

    /// <summary>Number of replays.</summary>
    public int Replays { get; init; }

    /// <summary>What replays did differently, one line each.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>Events in the logs.</summary>
    public long Events { get; init; }

    /// <summary>Frames that changed hands.</summary>
    public long Steals { get; init; }

    /// <summary>Outcomes that no processor may show.</summary>
    public IEnumerable<Outcome> Forbidden => Seen.Keys.Where(outcome => !Allowed.Contains(outcome));

    /// <summary>Outcomes that need store buffers.</summary>
    public IEnumerable<Outcome> Relaxed => Seen.Keys.Where(outcome => Allowed.Contains(outcome) && !Sequential.Contains(outcome));

    /// <summary>Sequentially consistent outcomes that were not seen.</summary>
    public IEnumerable<Outcome> Missing => Sequential.Where(outcome => !Seen.ContainsKey(outcome));

    /// <summary>Whether all is as it should be: nothing forbidden, nothing relaxed in a recording, replays identical.</summary>
    public bool IsSound => !Forbidden.Any() && Differences.Count == 0 && !(IsRecorded && Relaxed.Any());
}

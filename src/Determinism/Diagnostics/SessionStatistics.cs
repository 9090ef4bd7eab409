namespace Determinism.Diagnostics;

/// <summary>Figures of a session.</summary>
public sealed record SessionStatistics
{
    /// <summary>Events of all agents, by <see cref="EventKind"/>.</summary>
    public required IReadOnlyDictionary<EventKind, long> Events { get; init; }

    /// <summary>Constraints before transitive reduction; 0 on replay, where they are not known.</summary>
    public long SourcesOffered { get; init; }

    /// <summary>Constraints in the log.</summary>
    public long Constraints { get; init; }

    /// <summary>Bytes of events.</summary>
    public long EventBytes { get; init; }

    /// <summary>Frames taken from a holder in favour of another agent.</summary>
    public long Steals { get; init; }

    /// <summary>How often vCPUs left the guest, whatever for; also of a run that is not recorded. What agents have counted so
    /// far, to be read when they have ended.</summary>
    public long Exits { get; init; }

    /// <summary>Number of events of all kinds.</summary>
    public long EventCount
    {
        get
        {
            long sum = 0;
            foreach (KeyValuePair<EventKind, long> pair in Events)
                sum += pair.Value;
            return sum;
        }
    }

    /// <summary>How often vCPUs that ran side by side began to take turns; counted while recording.</summary>
    public long TurnPhases { get; init; }

    /// <summary>Checkpoints that were made; counted while recording.</summary>
    public long Checkpoints { get; init; }

    /// <summary>Bytes of their blocks, before compression.</summary>
    public long CheckpointBytes { get; init; }

    /// <summary>The longest time from the wish for a checkpoint until all vCPUs could go on: no vCPU was kept longer.</summary>
    public TimeSpan LongestCheckpointPause { get; init; }

    /// <summary>The longest part of such a pause in which all stood still and were copied.</summary>
    public TimeSpan LongestCheckpointStop { get; init; }
}

namespace Determinism;

/// <summary>How a request for rights ended.</summary>
public enum AcquireOutcome : byte
{
    /// <summary>The agent held every right already: no event (a stale protection is applied again by the caller).</summary>
    AlreadyHeld = 0,

    /// <summary>At least one right was raised, each with an event of its own.</summary>
    Granted = 1,

    /// <summary>The recording ended before the request was granted.</summary>
    Aborted = 2,
}

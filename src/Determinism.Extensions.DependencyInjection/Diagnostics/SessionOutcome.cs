namespace Determinism.Diagnostics;

/// <summary>How a session ended; its names, in lower case, are the values of a tag.</summary>
internal enum SessionOutcome
{
    Completed,
    Cancelled,
    Refused,
    Failed,
    Diverged,
}

namespace Determinism.Log;

/// <summary>How a log is read.</summary>
public sealed record LogReadOptions
{
    /// <summary>Secrets; needed for contents of encrypted logs, and to verify the chain.</summary>
    public LogKeys? Keys { get; init; }
}

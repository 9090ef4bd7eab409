namespace Determinism.Log;

/// <summary>How a log is read.</summary>
public sealed record LogReadOptions
{
    /// <summary>Secrets; needed for contents of encrypted logs. The chain is verified by <see cref="LogVerifier"/>, not by readers
    /// that jump.</summary>
    public LogKeys? Keys { get; init; }
}

namespace Determinism.Log.Fuzz;

/// <summary>What came of reading a log in every way.</summary>
public sealed class Reading
{
    /// <summary>Whether the log could be opened.</summary>
    public bool IsOpen { get; internal set; }

    /// <summary>Whether the log says that it was completed.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>Ways of reading that ended in an error that a reader may end in.</summary>
    public int Errors { get; internal set; }

    /// <summary>The first of those errors.</summary>
    public string FirstError { get; internal set; } = "";

    /// <summary>Digests of the streams as they were read from start to end, with the events' numbers; null for one that
    /// ended in an error.</summary>
    public IReadOnlyList<(ulong Events, ulong Digest)?> Streams { get; internal set; } = [];

    /// <summary>Events read, in all ways of reading.</summary>
    public long Steps { get; internal set; }

    /// <summary>Bytes that all ways of reading allocated together.</summary>
    public long AllocatedBytes { get; internal set; }
}

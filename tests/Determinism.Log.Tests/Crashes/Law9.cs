namespace Determinism.Log.Tests.Crashes;

/// <summary>Holds what is read back of a log that broke off to law L9: prefixes of what was appended, with all causes, as
/// much of it as can be, and all that was acknowledged.</summary>
internal static class Law9
{
    /// <param name="appended">What was appended.</param>
    /// <param name="reader">What is there.</param>
    /// <param name="closed">What is kept of it.</param>
    /// <param name="acknowledged">What must be kept.</param>
    /// <param name="isCut">Whether there is more than is kept.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public static string? FindFault(AppendedEvents appended, IEventLogReader reader, IEventLogReader closed,
        IEnumerable<LogPosition> acknowledged, out bool isCut)
    {
        isCut = false;
        if (appended.Count(reader, out string fault) is not { } there)
            return fault;
        if (appended.Count(closed, out fault) is not { } kept)
            return fault;
        isCut = !kept.AsSpan().SequenceEqual(there);
        if (!appended.IsClosed(kept))
            return "There are events whose causes are lost.";
        appended.Close(there);
        if (!kept.AsSpan().SequenceEqual(there))
            return "More could have been kept.";
        foreach (LogPosition position in acknowledged)
        {
            if (!appended.Covers(kept, position))
                return $"{position} had been acknowledged.";
        }
        return closed.IsComplete && kept.Sum() < appended.EventCount ? "It is not complete, but says so." : null;
    }
}

namespace Determinism.Log;

/// <summary>Compares the manifest with the segments.</summary>
internal static class ManifestCheck
{
    /// <summary>Reads the manifest; null if there is none, or one that cannot be trusted.</summary>
    public static Manifest? Read(ILogStorage storage, ProblemList problems)
    {
        if (!storage.List().Contains(Manifest.Name))
            return null;
        using ILogFile file = storage.Open(Manifest.Name);
        if (file.Length <= Manifest.MaximumBytes)
        {
            var bytes = new byte[(int)file.Length];
            if (Manifest.TryRead(bytes.AsSpan(0, BlockSearch.ReadUpTo(file, 0, bytes))) is { } manifest)
                return manifest;
        }
        problems.Add(new LogProblem { Message = "The manifest is damaged." });
        return null;
    }

    /// <summary>Compares.</summary>
    /// <param name="manifest">What the manifest says.</param>
    /// <param name="closed">What the closed segments are; null for one that could not be read whole.</param>
    /// <param name="isComplete">Whether the log is complete.</param>
    /// <param name="problems">Where problems go.</param>
    public static void Compare(Manifest manifest, IReadOnlyList<Manifest.ClosedSegment?> closed, bool isComplete,
        ProblemList problems)
    {
        if (manifest.IsComplete && !isComplete)
            Add("The manifest says that the log is complete, and it is not.");
        if (manifest.Segments.Count > closed.Count)
            Add($"The manifest has {manifest.Segments.Count} closed segments; there are {closed.Count}.");
        // The last segment is closed before the manifest says so; a crash may come between.
        else if (manifest.Segments.Count < closed.Count - 1 || (isComplete && manifest.Segments.Count == closed.Count
            && !manifest.IsComplete))
            Add("The manifest is of an earlier time than the segments.");
        for (int segment = 0; segment < Math.Min(closed.Count, manifest.Segments.Count); segment++)
        {
            if (closed[segment] is not { } actual)
                continue;
            Manifest.ClosedSegment said = manifest.Segments[segment];
            if (said.Length != actual.Length || said.FirstSequence != actual.FirstSequence
                || said.EndSequence != actual.EndSequence)
                Add($"The manifest has another length or other blocks for segment {segment}.");
            else if (!said.Starts.AsSpan().SequenceEqual(actual.Starts))
                Add($"The manifest says that streams stand elsewhere at the start of segment {segment}.");
        }

        void Add(string message) => problems.Add(new LogProblem { Message = message });
    }
}

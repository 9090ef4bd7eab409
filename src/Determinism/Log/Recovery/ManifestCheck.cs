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
    /// <param name="layout">Which segments there are.</param>
    /// <param name="isComplete">Whether the log is complete.</param>
    /// <param name="problems">Where problems go.</param>
    public static void Compare(Manifest manifest, IReadOnlyList<Manifest.ClosedSegment?> closed, SegmentLayout layout, bool isComplete,
        ProblemList problems)
    {
        int end = layout.NumberOf(closed.Count);
        int first = layout.Beginning?.FirstSegment ?? 0;
        if (manifest.IsComplete && !isComplete)
            Add("The manifest says that the log is complete, and it is not.");
        // Where the log begins it says before the manifest does; a crash may come between.
        if (manifest.First > first || (isComplete && manifest.First < first))
            Add($"The manifest says that the log begins at segment {manifest.First}; it begins at segment {first}.");
        if (manifest.BaseCount > 0 && layout.Beginning is { } beginning && manifest.BaseCount != beginning.BaseCount)
            Add($"The manifest says that what the machine starts from is in {manifest.BaseCount} segments; it is in {beginning.BaseCount}.");
        if (manifest.NextNumber > end)
            Add($"The manifest has {manifest.NextNumber} closed segments; there are {end}.");
        // The last segment is closed before the manifest says so; a crash may come between.
        else if (manifest.NextNumber < end - 1 || (isComplete && manifest.NextNumber == end && !manifest.IsComplete))
            Add("The manifest is of an earlier time than the segments.");
        for (int index = 0; manifest.First <= first && index < closed.Count && layout.NumberOf(index) < manifest.NextNumber; index++)
        {
            if (closed[index] is not { } actual)
                continue;
            int segment = layout.NumberOf(index);
            int listed = manifest.IndexOf(segment);
            if (listed < 0)
            {
                Add($"The manifest says that segment {segment} was dropped.");
                continue;
            }
            Manifest.ClosedSegment said = manifest.Segments[listed];
            if (said.Length != actual.Length || said.FirstSequence != actual.FirstSequence
                || said.EndSequence != actual.EndSequence)
                Add($"The manifest has another length or other blocks for segment {segment}.");
            else if (!said.Starts.AsSpan().SequenceEqual(actual.Starts))
                Add($"The manifest says that streams stand elsewhere at the start of segment {segment}.");
        }

        void Add(string message) => problems.Add(new LogProblem { Message = message });
    }
}

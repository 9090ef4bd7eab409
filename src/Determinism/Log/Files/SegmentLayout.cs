namespace Determinism.Log;

/// <summary>Which segments a log has: all, or, if its oldest part was dropped, the base and those from where it begins.</summary>
/// <param name="End">Number of the segment behind the last one.</param>
/// <param name="Beginning">Where it begins; null: at its start.</param>
internal sealed record SegmentLayout(int End, LogBeginning? Beginning)
{
    private const string Extension = ".detlog";

    /// <summary>Number of segments.</summary>
    public int Count => Beginning is null ? End : Beginning.BaseCount + End - Beginning.FirstSegment;

    /// <summary>Number of the segment at an index.</summary>
    public int NumberOf(int index) => Beginning is null || index < Beginning.BaseCount ? index
        : Beginning.FirstSegment + index - Beginning.BaseCount;

    /// <summary>Whether the segment at an index is the first behind what was dropped.</summary>
    public bool IsFirst(int index) => Beginning is not null && index == Beginning.BaseCount;

    /// <summary>Finds out, from the names of files, and where the log may be cut from the last block that says where it
    /// begins. Files that should have been taken away are no part of it.</summary>
    /// <param name="storage">The log.</param>
    /// <param name="start">The first segment's start.</param>
    /// <param name="coder">Gives contents back.</param>
    /// <exception cref="LogDamagedException">A segment is missing.</exception>
    /// <exception cref="DeterminismException">The log is encrypted, and its key is not there.</exception>
    public static SegmentLayout Find(ILogStorage storage, in SegmentStart start, ContentCoder coder)
    {
        for (LogDamagedException? before = null; ;)
        {
            try
            {
                return FindOnce(storage, start, coder);
            }
            // Of a folder that changes meanwhile, a list may have a new name and not the one before, or a name that is gone:
            // missing is what stays missing.
            catch (LogDamagedException error) when (before is null || before.Message != error.Message)
            {
                before = error;
            }
            catch (FileNotFoundException) when (start.MayBeDropped)
            {
            }
        }
    }

    /// <summary>Numbers of the segments that are there, ascending.</summary>
    public static int[] NumbersIn(ILogStorage storage)
    {
        string[] names = [.. storage.List().Where(static name => name.EndsWith(Extension, StringComparison.Ordinal))];
        var numbers = new List<int>();
        foreach (string name in names)
        {
            if (int.TryParse(name.AsSpan(0, name.Length - Extension.Length).ToString(), System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture, out int number) && SegmentWriter.NameOf(number) == name)
                numbers.Add(number);
            else
                throw new LogDamagedException($"There is a file {name}, which is no segment's name.");
        }
        numbers.Sort();
        return [.. numbers];
    }

    /// <summary>What can be looked at of a log of which segments may be missing: all up to the first that is.</summary>
    /// <param name="storage">The log.</param>
    /// <param name="start">The first segment's start.</param>
    /// <param name="coder">Gives contents back.</param>
    /// <param name="isSegmentMissing">Whether one is missing.</param>
    /// <exception cref="LogDamagedException">The log's oldest part may have been dropped: of such a log, what is missing leaves
    /// nothing.</exception>
    /// <exception cref="DeterminismException">The log is encrypted, and its key is not there.</exception>
    public static SegmentLayout FindWhatIsThere(ILogStorage storage, in SegmentStart start, ContentCoder coder, out bool isSegmentMissing)
    {
        isSegmentMissing = false;
        if (start.MayBeDropped)
            return Find(storage, start, coder);
        int[] numbers = NumbersIn(storage);
        int count = 0;
        while (count < numbers.Length && numbers[count] == count)
            count++;
        isSegmentMissing = count < numbers.Length;
        return new SegmentLayout(count, null);
    }

    /// <summary>What can be looked at of a log that may have been dropped in part and that nobody can look into: where it begins is
    /// encrypted. The manifest says it, or the gap in the names does.</summary>
    /// <param name="storage">The log.</param>
    /// <param name="streamCount">Number of its streams.</param>
    /// <param name="manifest">Its manifest; null if there is none.</param>
    /// <exception cref="LogDamagedException">A segment is missing.</exception>
    public static SegmentLayout FindUnseen(ILogStorage storage, int streamCount, Manifest? manifest)
    {
        int[] numbers = NumbersIn(storage);
        (int baseCount, int first) = manifest is null ? FindGap(numbers) : (manifest.BaseCount, manifest.First);
        int kept = Array.FindIndex(numbers, number => number >= first);
        ThrowIfMissing(numbers, 0, baseCount);
        ThrowIfMissing(numbers.AsSpan(kept < 0 ? numbers.Length : kept), first, kept < 0 ? 1 : numbers.Length - kept);
        return new SegmentLayout(numbers[^1] + 1, first == 0 ? null : LogBeginning.Unseen(baseCount, first, streamCount));
    }

    // Of what is kept, no number is missing. Files that should be gone may be there; and a copy may begin later, and have no gap.
    private static (int BaseCount, int First) FindGap(int[] numbers)
    {
        int baseCount = 1;
        while (baseCount < numbers.Length && numbers[baseCount] == baseCount)
            baseCount++;
        int rest = numbers.Length - 1;
        while (rest > 0 && numbers[rest - 1] == numbers[rest] - 1)
            rest--;
        return numbers.Length == 1 ? (0, 0) : rest == 0 ? (1, 1) : (baseCount, numbers[rest]);
    }

    /// <summary>Whether there is any segment.</summary>
    public static bool HasAny(ILogStorage storage) => NumbersIn(storage).Length > 0;

    /// <exception cref="LogDamagedException">The first segment is not there.</exception>
    public static void ThrowIfNone(ILogStorage storage)
    {
        int[] numbers = NumbersIn(storage);
        if (numbers.Length == 0)
            throw new LogDamagedException("This is not a log: it has no segment.");
        ThrowIfMissing(numbers, 0, 1);
    }

    private static SegmentLayout FindOnce(ILogStorage storage, in SegmentStart start, ContentCoder coder)
    {
        int[] numbers = NumbersIn(storage);
        LogBeginning? beginning = start.MayBeDropped ? BeginningSearch.FindLast(storage, numbers, start, coder) : null;
        int kept = beginning is null ? 0 : Array.BinarySearch(numbers, beginning.FirstSegment);
        ThrowIfMissing(numbers.AsSpan(0, Math.Min(beginning?.BaseCount ?? 0, numbers.Length)), 0, beginning?.BaseCount ?? 0);
        if (kept < 0)
            throw new LogDamagedException($"Segment {beginning!.FirstSegment} is missing: the log begins there.");
        ThrowIfMissing(numbers.AsSpan(kept), beginning?.FirstSegment ?? 0, numbers.Length - kept);
        return new SegmentLayout(numbers.Length == 0 ? 0 : numbers[^1] + 1, beginning);
    }

    private static void ThrowIfMissing(ReadOnlySpan<int> numbers, int first, int count)
    {
        for (int index = 0; index < count; index++)
        {
            if (index >= numbers.Length || numbers[index] != first + index)
                throw new LogDamagedException($"Segment {first + index} is missing: there are later ones.");
        }
    }
}

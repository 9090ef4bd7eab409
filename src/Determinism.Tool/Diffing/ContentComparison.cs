using System.Globalization;
using Determinism.Log;

namespace Determinism.Tool.Diffing;

/// <summary>Compares what logs hold beside their events.</summary>
internal static class ContentComparison
{
    // The profile is for people: no replay sees it. Checkpoints hold what the events come to, wherever they were made.
    private static readonly BlockKind[] s_kinds =
    [
        BlockKind.GuestImage, BlockKind.InitialMemory, BlockKind.DiskImage, BlockKind.Configuration, BlockKind.ParentLog,
        BlockKind.FinalState, BlockKind.LogEnd, BlockKind.Redactions,
    ];

    public static IReadOnlyList<ContentDifference> Find(FileEventLogReader first, FileEventLogReader second)
    {
        var found = new List<ContentDifference>();
        AddIfDifferent(found, "completed", first.IsComplete ? "yes" : "no", second.IsComplete ? "yes" : "no");
        AddIfDifferent(found, "agents", Text(first.StreamCount), Text(second.StreamCount));
        AddIfDifferent(found, "first events", DescribeBeginning(first), DescribeBeginning(second));
        Dictionary<string, string> one = Describe(first);
        Dictionary<string, string> other = Describe(second);
        foreach (string name in one.Keys.Union(other.Keys))
            AddIfDifferent(found, name, one.GetValueOrDefault(name, "none"), other.GetValueOrDefault(name, "none"));
        foreach (BlockKind kind in s_kinds)
            CompareBlocks(found, kind, first, second);
        return found;
    }

    /// <summary>Whether both have their first events from the same on: what was dropped of one cannot be compared.</summary>
    public static bool BeginAlike(FileEventLogReader first, FileEventLogReader second) =>
        DescribeBeginning(first) == DescribeBeginning(second);

    private static string DescribeBeginning(IDroppedBeginning log) =>
        log.Beginning is { } beginning ? string.Join(", ", beginning.Starts.Select(static start => Text(start.NextEvent))) : "the log's start";

    private static Dictionary<string, string> Describe(FileEventLogReader log)
    {
        if (!log.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> content))
            return [];
        LogHeader header = LogHeader.FromBytes(content.Span);
        return new Dictionary<string, string>
        {
            ["vCPUs"] = Text(header.Shape.VcpuCount),
            ["device agents"] = Text(header.Shape.DeviceAgentCount),
            ["memory bytes"] = Text(header.Shape.MemoryBytes),
            ["page shift"] = Text(header.Shape.PageShift),
            ["pseudo-frames"] = Text(header.Shape.PseudoFrameCount),
            ["clock"] = Text(header.Clock),
            ["scope"] = Text(header.Scope),
            ["digest interval"] = Text(header.DigestInterval),
            ["backend"] = header.Backend,
            ["processor"] = header.Processor,
            ["guest"] = header.Guest,
            ["initial state"] = "0x" + header.InitialState.ToString("x16", CultureInfo.InvariantCulture),
            ["shared frames"] = List(header.SharedFrames.Select(Describe)),
            ["private frames"] = List(header.PrivateFrames.Select(static owned => $"{Describe(owned.Range)} of agent {Text(owned.Agent)}")),
        };
    }

    private static void CompareBlocks(
        List<ContentDifference> found, BlockKind kind, FileEventLogReader first, FileEventLogReader second)
    {
        bool isInFirst = first.TryReadBlock(kind, out ReadOnlyMemory<byte> one);
        bool isInSecond = second.TryReadBlock(kind, out ReadOnlyMemory<byte> other);
        if (isInFirst == isInSecond && one.Span.SequenceEqual(other.Span))
            return;
        int same = one.Span.CommonPrefixLength(other.Span);
        found.Add(new ContentDifference(Name(kind), Describe(isInFirst, one), Describe(isInSecond, other)));

        string Describe(bool isThere, ReadOnlyMemory<byte> content) => !isThere
            ? "none"
            : string.Create(CultureInfo.InvariantCulture, $"{content.Length} bytes, another from byte {same} on");
    }

    private static string Name(BlockKind kind) => kind switch
    {
        BlockKind.GuestImage => "guest image",
        BlockKind.InitialMemory => "initial memory",
        BlockKind.DiskImage => "disk image",
        BlockKind.ParentLog => "parent log",
        BlockKind.FinalState => "final state",
        BlockKind.LogEnd => "end of the recording",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static void AddIfDifferent(List<ContentDifference> found, string name, string first, string second)
    {
        if (first != second)
            found.Add(new ContentDifference(name, first, second));
    }

    private static string Describe(FrameRange range) =>
        string.Create(CultureInfo.InvariantCulture, $"{range.Count} from 0x{range.First:x}");

    private static string List(IEnumerable<string> texts) => string.Join(", ", texts.DefaultIfEmpty("none"));

    private static string Text<T>(T value)
        where T : notnull => string.Create(CultureInfo.InvariantCulture, $"{value}");
}

using System.Text.Json;
using Determinism.Diagnostics;
using Determinism.Log;
using Determinism.Tool.Statistics;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Statistics;

public sealed class StatsTests
{
    [Fact]
    public void Counts_are_those_of_the_log()
    {
        using var folder = new LogFolder(SampleLogs.Devices);
        JsonElement json = Run(folder);
        LoggedEvent[] all = [.. new EditedLog(SampleLogs.Devices).Streams.SelectMany(stream => stream)];

        Assert.Equal(all.Length, json.GetProperty("events").GetInt64());
        Assert.Equal(SampleLogs.Devices.EventBytes, json.GetProperty("eventBytes").GetInt64());
        Assert.Equal(all.GroupBy(one => one.One.Kind).OrderBy(group => group.Key).Select(group => (long)group.Count()),
            Numbers(json, "kinds", "count"));
        Assert.Equal(json.GetProperty("eventBytes").GetInt64(), Numbers(json, "kinds", "bytes").Sum());
        Assert.Equal(
            all.Where(one => one.One.Kind is EventKind.Input or EventKind.Asynchronous).GroupBy(one => (one.One.Kind, one.One.Code))
                .OrderBy(group => group.Key).Select(group => (long)group.Count()),
            Numbers(json, "codes", "count"));
        long constraints = all.Sum(one => (long)one.Constraints.Length);
        Assert.Equal(constraints, json.GetProperty("constraints").GetInt64());
        Assert.Equal(constraints, Numbers(json, "pairs", "constraints").Sum());
        Assert.Equal(constraints, Numbers(json, "distances", "count").Sum());
        Assert.Equal(1e3 * constraints / all.Length, json.GetProperty("constraintsPerThousandEvents").GetDouble());
        Assert.Equal(all.Count(one => one.Constraints.Length > 0),
            json.GetProperty("constrainedElevations").GetProperty("count").GetInt32());
        foreach (JsonElement frame in json.GetProperty("hottestFrames").EnumerateArray())
        {
            ulong number = frame.GetProperty("frame").GetUInt64();
            Assert.Equal(all.Count(one => one.One.Kind == EventKind.Elevation && one.One.Frame == number), frame.GetProperty("elevations").GetInt32());
            Assert.Equal(all.Count(one => one.One.Kind == EventKind.Reduction && one.One.Frame == number), frame.GetProperty("reductions").GetInt32());
        }
    }

    [Theory]
    [InlineData(BlockCodec.None)]
    [InlineData(BlockCodec.Lz4)]
    public void Every_byte_of_the_files_is_accounted_for_once(BlockCodec codec)
    {
        byte[] secret = new byte[32];
        using var folder = new LogFolder(SampleLogs.Racy, new LogWriteOptions
        {
            Compression = codec, SegmentBytes = 4096, Identity = Guid.NewGuid(), Keys = new LogKeys(chain: secret),
        });
        JsonElement json = Run(folder);
        long total = new DirectoryInfo(folder.Path).EnumerateFiles().Sum(file => file.Length);
        double kinds = json.GetProperty("kinds").EnumerateArray().Sum(kind => kind.GetProperty("fileBytes").GetDouble());
        long events = json.GetProperty("blocks").EnumerateArray().Single(block => block.GetProperty("kind").GetString() == "events")
            .GetProperty("fileBytes").GetInt64();
        int segments = Directory.GetFiles(folder.Path, "*.detlog").Length;

        Assert.True(segments > 1);
        Assert.Equal(total, json.GetProperty("fileBytes").GetInt64());
        Assert.Equal(events, kinds, 3);
        // What no block has: a start and an end a segment, and the manifest.
        Assert.Equal((segments * (64 + 32)) + new FileInfo(Path.Combine(folder.Path, "manifest")).Length,
            json.GetProperty("otherFileBytes").GetInt64());
        Assert.Equal(total, Numbers(json, "blocks", "fileBytes").Sum() + json.GetProperty("otherFileBytes").GetInt64());
    }

    [Fact]
    public void Distances_and_rates_of_a_log_that_is_known()
    {
        var log = new EditedLog(2);
        for (ulong number = 1; number <= 5; number++)
            log.Add(0, new StreamEvent { Kind = EventKind.Digest, Place = PlaceKind.Count, Position = number });
        log.Add(1, new StreamEvent { Kind = EventKind.Elevation, Place = PlaceKind.Count, Position = 1000, Frame = 8, NewRight = AccessRight.Read },
            new OrderingConstraint(0, 1));
        log.Add(1, new StreamEvent { Kind = EventKind.Elevation, Place = PlaceKind.Count, Position = 1995, Frame = 9, NewRight = AccessRight.Read },
            new OrderingConstraint(0, 5));
        using var folder = new LogFolder(log.ToLog());
        JsonElement json = Run(folder);

        // One cause is five events before its effect, the other one two.
        Assert.Equal([(1, 0), (2, 1), (4, 1)], json.GetProperty("distances").EnumerateArray().Select(
            each => (each.GetProperty("from").GetInt32(), each.GetProperty("count").GetInt32())));
        Assert.Equal(2000, json.GetProperty("clockCounts").GetInt32());
        Assert.Equal(1000.0, json.GetProperty("constraintsPerMillionCounts").GetDouble(), 9);
        JsonElement pair = Assert.Single(json.GetProperty("pairs").EnumerateArray());
        Assert.Equal((0, 1, 2), (pair.GetProperty("from").GetInt32(), pair.GetProperty("to").GetInt32(), pair.GetProperty("constraints").GetInt32()));
        Assert.False(json.TryGetProperty("sharedFrames", out _));
    }

    [Fact]
    public void Frames_that_go_to_and_fro_by_instructions_of_one_side_each_are_candidates()
    {
        var profile = new SharingProfile();
        profile.Add(new Steal(1, 0, 1, 0xA, 0xF0), 10); // Other instructions on each side.
        profile.Add(new Steal(1, 1, 0, 0xB, 0xF1), 9);
        profile.Add(new Steal(2, 0, 1, 0xC, 0xF0), 5); // The same instruction on both.
        profile.Add(new Steal(2, 1, 0, 0xC, 0xF1), 5);
        profile.Add(new Steal(2, 1, 0, 0xD, 0xF1), 1);
        profile.Add(new Steal(3, 1, 0, 0xE, 0xF1), 50); // One way only.
        profile.Add(new Steal(4, 1, 0, 0xE, 0xF1), 1); // Too seldom.
        profile.Add(new Steal(4, 0, 1, 0xF, 0xF1), 1);

        IReadOnlyList<SharedFrame> found = SharedFrame.Find(SharingProfile.FromBytes(profile.ToBytes()), least: 4);

        Assert.Equal([(1UL, 19L, true), (2UL, 11L, false)], found.Select(frame => (frame.Frame, frame.Steals, frame.IsCandidate)));
        Assert.Equal([0xCUL, 0xDUL], found[1].BySecond);
    }

    [Fact]
    public void The_profile_of_a_recording_names_its_shared_frames()
    {
        using var folder = new LogFolder(SampleLogs.Devices);
        JsonElement[] shared = [.. Run(folder).GetProperty("sharedFrames").EnumerateArray()];
        Assert.NotEmpty(shared);
        Assert.All(shared, frame =>
        {
            Assert.False(frame.TryGetProperty("pseudoFrame", out _));
            Assert.Equal([0, 1], frame.GetProperty("agents").EnumerateArray().Select(side => side.GetProperty("agent").GetInt32()));
        });
        string text = ToolRun.Good("log", "stats", folder.Path).Output;
        Assert.Contains($"0x{shared[0].GetProperty("frame").GetUInt64():x} ", text, StringComparison.Ordinal);
        Assert.Contains("events from a cause to its effect", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_log_that_was_cut_short_only_what_has_its_causes_is_counted()
    {
        var edited = new EditedLog(SampleLogs.Racy);
        edited.Streams[0].RemoveRange(100, edited.Streams[0].Count - 100);
        MemoryEventLog cut = edited.ToLog(isComplete: false);
        using var folder = new LogFolder(cut.StreamCount, log =>
        {
            for (int stream = 0; stream < cut.StreamCount; stream++)
                log.WaitForCommit(log.Append(stream, cut.ReadEvents(stream, 0).Span));
        });
        JsonElement json = Run(folder);
        long dropped = json.GetProperty("droppedEvents").GetInt64();
        Assert.True(dropped > 0);
        Assert.Equal(edited.Streams.Sum(stream => (long)stream.Count), json.GetProperty("events").GetInt64() + dropped);
        Assert.Contains($"{dropped} more events", ToolRun.Good("log", "stats", folder.Path).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_whose_constraints_cannot_be_kept_is_damaged()
    {
        var edited = new EditedLog(SampleLogs.Racy);
        List<LoggedEvent> stream = edited.Streams[0];
        int last = stream.FindLastIndex(one => one.Constraints.Length > 0);
        stream[last] = stream[last] with { Constraints = [new OrderingConstraint(1, (ulong)edited.Streams[1].Count + 1)] };
        using var folder = new LogFolder(edited.ToLog());
        ToolRun run = ToolRun.Of("log", "stats", folder.Path);
        Assert.Equal((int)ExitCode.Damaged, run.Code);
        Assert.Contains($"event {edited.Streams[1].Count + 1} of agent 1", run.Errors, StringComparison.Ordinal);
    }

    private static JsonElement Run(LogFolder folder) =>
        JsonDocument.Parse(ToolRun.Good("log", "stats", folder.Path, "--json", "--top", "1000").Output).RootElement;

    private static IEnumerable<long> Numbers(JsonElement json, string array, string name) =>
        json.GetProperty(array).EnumerateArray().Select(each => each.GetProperty(name).GetInt64());
}

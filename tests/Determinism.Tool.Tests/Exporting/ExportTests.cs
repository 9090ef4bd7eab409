using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Exporting;

public sealed class ExportTests
{
    public static TheoryData<string> Samples() => ["racy", "devices", "falseshare"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Slices_of_a_lane_are_in_order_and_apart_and_hold_all_events(string sample)
    {
        MemoryEventLog log = Find(sample);
        JsonElement[] trace = Export(log);
        var edited = new EditedLog(log);
        for (int agent = 0; agent < log.StreamCount; agent++)
        {
            LaneContents lane = LaneContents.Read(trace, agent + 1);
            List<LoggedEvent> stream = edited.Streams[agent];
            Assert.Equal(stream.Count, lane.Events.Count);
            int places = stream.Where((one, index) => index == 0 || !one.One.IsSamePlace(stream[index - 1].One)).Count();
            Assert.Equal(places, lane.Slices);
            Assert.Equal(Enumerable.Range(1, stream.Count), lane.Events.Select(each => each.Number));
            Assert.Equal(stream.Select(one => one.One.Kind.ToString().ToLowerInvariant()), lane.Events.Select(each => each.Kind));
        }
        Assert.Equal(log.StreamCount, trace.Count(one => Phase(one) == "M" && one.GetProperty("name").GetString() == "thread_name"));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_constraint_is_an_arrow_from_its_cause_s_slice_forward_in_time(string sample)
    {
        MemoryEventLog log = Find(sample);
        JsonElement[] trace = Export(log);
        Dictionary<(int Lane, long Time), int> events = Enumerable.Range(1, log.StreamCount)
            .SelectMany(lane => LaneContents.Read(trace, lane).Events.Select(each => (Key: (lane, each.Time), each.Number)))
            .ToDictionary(pair => pair.Key, pair => pair.Number);
        Dictionary<long, JsonElement> starts = trace.Where(one => Phase(one) == "s").ToDictionary(one => one.GetProperty("id").GetInt64());
        Dictionary<long, JsonElement> ends = trace.Where(one => Phase(one) == "f").ToDictionary(one => one.GetProperty("id").GetInt64());
        Assert.Equal(starts.Keys.Order(), ends.Keys.Order());

        var arrows = new List<(int, int, int, int)>();
        foreach ((long id, JsonElement start) in starts)
        {
            JsonElement end = ends[id];
            Assert.True(Time(start) < Time(end));
            arrows.Add((Lane(start) - 1, events[(Lane(start), Time(start))], Lane(end) - 1, events[(Lane(end), Time(end))]));
        }
        var constraints = new EditedLog(log).Streams.SelectMany((stream, agent) => stream.SelectMany((one, index) =>
            one.Constraints.Select(each => (each.Agent, (int)each.EventNumber, agent, index + 1))));
        Assert.Equal(constraints.Order(), arrows.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void Counters_come_to_what_the_log_has(int interval)
    {
        JsonElement[] counters = [.. Export(SampleLogs.Racy, "--interval", $"{interval}").Where(one => Phase(one) == "C")];
        LoggedEvent[] all = [.. new EditedLog(SampleLogs.Racy).Streams.SelectMany(stream => stream)];
        Assert.Equal(all.Count(one => one.One.Kind is EventKind.Elevation or EventKind.Reduction), Sum("right changes"));
        Assert.Equal(all.Sum(one => one.Constraints.Length), Sum("constraints"));
        Assert.All(counters, one => Assert.Equal(0, Time(one) % interval));
        foreach (IGrouping<string, JsonElement> series in counters.GroupBy(one => one.GetProperty("name").GetString()!))
            Assert.Equal(series.Select(Time).Distinct().Order(), series.Select(Time));

        long Sum(string name) => counters.Where(one => one.GetProperty("name").GetString() == $"{name} per {interval}")
            .Sum(one => one.GetProperty("args").GetProperty("value").GetInt64());
    }

    [Fact]
    public void An_arrow_may_come_back_to_the_place_that_it_left_from()
    {
        // Agent 0 loses a frame at its exit 1, waits there, and gets another that agent 1 had used since.
        var log = new EditedLog(2);
        log.Add(0, new StreamEvent { Kind = EventKind.Reduction, Place = PlaceKind.Exit, Position = 1, Frame = 1, OldRight = AccessRight.ReadWrite });
        log.Add(0, new StreamEvent { Kind = EventKind.Elevation, Place = PlaceKind.Exit, Position = 1, Frame = 2, NewRight = AccessRight.Read },
            new OrderingConstraint(1, 2));
        log.Add(1, new StreamEvent { Kind = EventKind.Elevation, Place = PlaceKind.Exit, Position = 1, Frame = 1, NewRight = AccessRight.Read },
            new OrderingConstraint(0, 1));
        log.Add(1, new StreamEvent { Kind = EventKind.Reduction, Place = PlaceKind.Exit, Position = 2, Frame = 2, OldRight = AccessRight.ReadWrite });
        JsonElement[] trace = Export(log.ToLog());
        Assert.Equal(1, LaneContents.Read(trace, 1).Slices);
        Assert.Equal(2, trace.Count(one => Phase(one) == "s"));
        foreach (JsonElement start in trace.Where(one => Phase(one) == "s"))
            Assert.True(Time(start) < Time(trace.Single(one => Phase(one) == "f" && one.GetProperty("id").GetInt64() == start.GetProperty("id").GetInt64())));
    }

    [Fact]
    public void The_counts_are_printed_and_the_axis_is_explained()
    {
        using var folder = new LogFolder(SampleLogs.Racy);
        string target = folder.Beside("trace.json");
        JsonElement printed = JsonDocument.Parse(ToolRun.Good("log", "export", folder.Path, target, "--json").Output).RootElement;
        JsonElement trace = JsonDocument.Parse(File.ReadAllBytes(target)).RootElement;
        JsonElement[] events = [.. trace.GetProperty("traceEvents").EnumerateArray()];
        Assert.Equal(events.Count(one => Phase(one) == "B"), printed.GetProperty("slices").GetInt32());
        Assert.Equal(events.Count(one => Phase(one) == "X"), printed.GetProperty("events").GetInt32());
        Assert.Equal(events.Count(one => Phase(one) == "s"), printed.GetProperty("flows").GetInt32());
        Assert.Contains("Logical time", trace.GetProperty("otherData").GetProperty("timeAxis").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_overwritten_and_no_half_trace_is_left()
    {
        using var folder = new LogFolder(SampleLogs.Racy);
        File.WriteAllText(folder.Beside("mine"), "mine");
        Assert.Equal((int)ExitCode.Failed, ToolRun.Of("log", "export", folder.Path, folder.Beside("mine")).Code);
        Assert.Equal("mine", File.ReadAllText(folder.Beside("mine")));
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "export", folder.Path, folder.Beside("t"), "--format", "pdf").Code);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "export", folder.Path, folder.Beside("t"), "--interval", "0").Code);

        var cycle = new EditedLog(2);
        for (int agent = 0; agent < 2; agent++)
        {
            cycle.Add(agent, new StreamEvent { Kind = EventKind.Elevation, Place = PlaceKind.Exit, Position = 1, NewRight = AccessRight.Read },
                new OrderingConstraint(1 - agent, 1));
        }
        using var damaged = new LogFolder(cycle.ToLog());
        Assert.Equal((int)ExitCode.Damaged, ToolRun.Of("log", "export", damaged.Path, folder.Beside("t")).Code);
        Assert.False(File.Exists(folder.Beside("t")));
    }

    private static MemoryEventLog Find(string sample) => sample switch
    {
        "racy" => SampleLogs.Racy,
        "devices" => SampleLogs.Devices,
        _ => SampleLogs.FalseShare,
    };

    private static JsonElement[] Export(MemoryEventLog log, params string[] options)
    {
        using var folder = new LogFolder(log);
        string target = folder.Beside("trace.json");
        ToolRun.Good(["log", "export", folder.Path, target, "--format", "perfetto", .. options]);
        return [.. JsonDocument.Parse(File.ReadAllBytes(target)).RootElement.GetProperty("traceEvents").EnumerateArray()];
    }

    private static string Phase(JsonElement one) => one.GetProperty("ph").GetString()!;

    private static long Time(JsonElement one) => one.GetProperty("ts").GetInt64();

    private static int Lane(JsonElement one) => one.GetProperty("tid").GetInt32();

    /// <summary>A lane, read as a viewer does: slices that overlap are errors.</summary>
    private sealed record LaneContents(int Slices, List<(long Time, int Number, string Kind)> Events)
    {
        public static LaneContents Read(JsonElement[] trace, int lane)
        {
            var events = new List<(long, int, string)>();
            int slices = 0;
            bool isOpen = false;
            long end = long.MinValue;
            foreach (JsonElement one in trace.Where(one => Lane(one) == lane && (Phase(one) is "B" or "E" or "X")))
            {
                Assert.True(Time(one) >= end, "A slice begins before the one before it ends.");
                end = Time(one);
                switch (Phase(one))
                {
                    case "B":
                        Assert.False(isOpen);
                        isOpen = true;
                        slices++;
                        break;
                    case "E":
                        Assert.True(isOpen);
                        isOpen = false;
                        break;
                    default:
                        Assert.True(isOpen);
                        end += one.GetProperty("dur").GetInt64();
                        JsonElement said = one.GetProperty("args");
                        events.Add((Time(one), said.GetProperty("event").GetInt32(), said.GetProperty("kind").GetString()!));
                        break;
                }
            }
            Assert.False(isOpen);
            return new LaneContents(slices, events);
        }
    }
}

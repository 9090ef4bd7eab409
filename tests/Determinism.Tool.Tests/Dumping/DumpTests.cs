using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Dumping;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Dumping;

public sealed class DumpTests
{
    [Fact]
    public void Every_event_is_a_line_of_json_that_says_all_of_it()
    {
        MemoryEventLog log = SampleLogs.Devices;
        using var folder = new LogFolder(log);
        var lines = new Queue<string>(ToolRun.Good("log", "dump", folder.Path, "--json").Lines);
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            for (var cursor = new EventCursor(log, stream, log.StreamCount); cursor.MoveToNext(); cursor.Consume())
                AssertSays(JsonDocument.Parse(lines.Dequeue()).RootElement, cursor);
        }
        Assert.Empty(lines);
    }

    [Fact]
    public void Text_names_frames_rights_causes_values_and_shortens_bytes()
    {
        using var folder = new LogFolder(2, log =>
        {
            var events = new EventEncoder(2);
            Append(log, events, new StreamEvent { Kind = EventKind.Elevation, Place = PlaceKind.Exit, Position = 4, Frame = 0x2a, NewRight = AccessRight.ReadWrite, Check = 0xc1 },
                [new OrderingConstraint(1, 7)]);
            Append(log, events, new StreamEvent { Kind = EventKind.Reduction, Place = PlaceKind.Count, Position = 90, Frame = 3, OldRight = AccessRight.ReadWrite, NewRight = AccessRight.Read });
            Append(log, events, new StreamEvent { Kind = EventKind.Input, Place = PlaceKind.Count, Position = 91, Code = 5, HasBytes = true }, [], new byte[17]);
            log.Complete();
        });

        string[] lines = ToolRun.Good("log", "dump", folder.Path).Lines;

        Assert.Equal("    0          1  exit 4                c1     elevation frame 0x2a to ReadWrite after 1:7", lines[1]);
        Assert.Equal("    0          2  count 90              00     reduction frame 0x3 from ReadWrite to Read", lines[2]);
        Assert.Equal("    0          3  count 91              00     input code 5, 17 bytes " + new string('0', 32) + "…", lines[3]);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public void Bounds_may_be_counts()
    {
        // Where the counts are is another matter in each recording.
        ulong[] counts = [.. new EditedLog(SampleLogs.Devices).Streams[0]
            .Where(one => one.One.Place == PlaceKind.Count).Select(one => one.One.Position)];
        Only_what_is_asked_for_is_printed("--from-count", $"{counts[counts.Length / 3]}", "--to-count", $"{counts[counts.Length / 2]}");
    }

    [Theory]
    [InlineData("--from", "10", "--to", "12")]
    [InlineData("--from-exit", "10", "--to-exit", "20")]
    [InlineData("--agent", "1")]
    [InlineData("--agent", "2", "0", "--from", "3")]
    [InlineData("--kind", "input", "reduction")]
    [InlineData("--kind", "end", "--agent", "0")]
    public void Only_what_is_asked_for_is_printed(params string[] what)
    {
        using var folder = new LogFolder(SampleLogs.Devices);
        string[] all = ToolRun.Good("log", "dump", folder.Path, "--json").Lines;
        string[] some = ToolRun.Good(["log", "dump", folder.Path, "--json", .. what]).Lines;

        Assert.NotEmpty(some);
        Assert.Equal(all.Where(line => IsAskedFor(JsonDocument.Parse(line).RootElement, what)), some);
        Assert.NotEqual(all.Length, some.Length);
    }

    [Fact]
    public void A_part_of_a_long_log_is_found_without_reading_the_rest()
    {
        const int Events = 400_000;
        using var folder = new LogFolder(1, log =>
        {
            var events = new EventEncoder(1);
            for (ulong number = 1; number <= Events; number++)
                Append(log, events, new StreamEvent { Kind = EventKind.Input, Place = PlaceKind.Count, Position = number * 10, Code = 1, Value = number });
            log.Complete();
        });
        var storage = new CountingStorage(FolderStorage.OpenExisting(folder.Path));
        using var log = new FileEventLogReader(storage);
        using var output = new StringWriter();

        EventDump.Write(log, [0], new EventRange { FromCount = 3_000_000, ToCount = 3_000_020 }, isJson: false, output);

        Assert.Equal(4, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.InRange(storage.BytesRead, 1, 4 * 65536);
        Assert.True(new DirectoryInfo(folder.Path).EnumerateFiles().Sum(file => file.Length) > 8 * storage.BytesRead);
    }

    [Fact]
    public void An_encrypted_log_needs_its_key()
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(one => (byte)one)];
        using var plain = new LogFolder(SampleLogs.Devices);
        using var folder = new LogFolder(SampleLogs.Devices, new LogWriteOptions { Keys = new LogKeys(secret), Identity = Guid.NewGuid() });
        File.WriteAllBytes(folder.Beside("raw"), secret);
        File.WriteAllText(folder.Beside("hex"), Convert.ToHexString(secret) + "\n");
        File.WriteAllText(folder.Beside("short"), "00");
        string expected = ToolRun.Good("log", "dump", plain.Path).Output;

        Assert.Equal(expected, ToolRun.Good("log", "dump", folder.Path, "--key", folder.Beside("raw")).Output);
        Assert.Equal(expected, ToolRun.Good("log", "dump", folder.Path, "--key", folder.Beside("hex")).Output);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "dump", folder.Path).Code);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "dump", folder.Path, "--key", folder.Beside("short")).Code);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "dump", folder.Path, "--key", folder.Beside("none")).Code);
        File.WriteAllBytes(folder.Beside("other"), new byte[32]);
        Assert.Equal((int)ExitCode.Damaged, ToolRun.Of("log", "dump", folder.Path, "--key", folder.Beside("other")).Code);
    }

    [Fact]
    public void What_cannot_be_done_ends_with_its_code()
    {
        using var folder = new LogFolder(SampleLogs.Racy);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "dump", folder.Path, "--agent", "9").Code);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "dump", folder.Path, "--kind", "nothing").Code);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("log", "dump").Code);
        Assert.Equal((int)ExitCode.Failed, ToolRun.Of("log", "dump", folder.Beside("nowhere")).Code);
        Directory.CreateDirectory(folder.Beside("empty"));
        Assert.Equal((int)ExitCode.Damaged, ToolRun.Of("log", "dump", folder.Beside("empty")).Code);
        Assert.Contains("Examples:", ToolRun.Good("log", "dump", "--help").Output, StringComparison.Ordinal);
    }

    private static void AssertSays(JsonElement json, EventCursor cursor)
    {
        StreamEvent one = cursor.Next;
        Assert.Equal(cursor.Stream, json.GetProperty("agent").GetInt32());
        Assert.Equal(cursor.Consumed + 1, json.GetProperty("event").GetUInt64());
        Assert.Equal(one.Kind.ToString(), json.GetProperty("kind").GetString(), ignoreCase: true);
        Assert.Equal(one.Place.ToString(), json.GetProperty("place").GetString(), ignoreCase: true);
        Assert.Equal(one.Position, json.GetProperty("position").GetUInt64());
        Assert.Equal(one.Check, json.GetProperty("check").GetByte());
        if (one.Kind is EventKind.Elevation or EventKind.Reduction)
        {
            Assert.Equal(one.Frame, json.GetProperty("frame").GetUInt64());
            Assert.Equal(one.NewRight.ToString(), json.GetProperty("newRight").GetString());
        }
        if (one.Kind == EventKind.Reduction)
            Assert.Equal(one.OldRight.ToString(), json.GetProperty("oldRight").GetString());
        if (one.Kind == EventKind.Elevation)
        {
            Assert.Equal(cursor.Constraints.ToArray(), json.GetProperty("constraints").EnumerateArray().Select(
                each => new OrderingConstraint(each.GetProperty("agent").GetInt32(), each.GetProperty("event").GetUInt64())));
        }
        if (one.Kind is EventKind.Input or EventKind.Asynchronous)
            Assert.Equal(one.Code, json.GetProperty("code").GetUInt32());
        if (one.HasBytes)
            Assert.Equal(Convert.ToHexStringLower(cursor.Bytes), json.GetProperty("bytes").GetString());
        else if (one.Kind is EventKind.Input or EventKind.Asynchronous)
            Assert.Equal($"0x{one.Value:x}", json.GetProperty("value").GetString());
    }

    // Says again, in other words than the tool's, what the options mean.
    private static bool IsAskedFor(JsonElement json, string[] what)
    {
        string option = "";
        var given = new Dictionary<string, List<string>>();
        foreach (string word in what)
        {
            if (word.StartsWith("--", StringComparison.Ordinal))
                given[option = word] = [];
            else
                given[option].Add(word);
        }
        bool isExit = json.GetProperty("place").GetString() == "exit";
        ulong position = json.GetProperty("position").GetUInt64();
        ulong number = json.GetProperty("event").GetUInt64();
        int agent = json.GetProperty("agent").GetInt32();
        return given.All(pair => pair.Key switch
        {
            "--from" => number >= ulong.Parse(pair.Value[0]),
            "--to" => number <= ulong.Parse(pair.Value[0]),
            "--agent" => pair.Value.Contains($"{agent}"),
            "--kind" => pair.Value.Contains(json.GetProperty("kind").GetString()!),
            "--from-count" => number >= FirstAt(agent, isExit: false, ulong.Parse(pair.Value[0])),
            "--from-exit" => number >= FirstAt(agent, isExit: true, ulong.Parse(pair.Value[0])),
            "--to-count" => number < FirstAt(agent, isExit: false, ulong.Parse(pair.Value[0]) + 1),
            "--to-exit" => number < FirstAt(agent, isExit: true, ulong.Parse(pair.Value[0]) + 1),
            _ => throw new InvalidOperationException(pair.Key),
        });
    }

    private static ulong FirstAt(int agent, bool isExit, ulong position)
    {
        MemoryEventLog log = SampleLogs.Devices;
        var cursor = new EventCursor(log, agent, log.StreamCount);
        while (cursor.MoveToNext() && ((cursor.Next.Place == PlaceKind.Exit) != isExit || cursor.Next.Position < position))
            cursor.Consume();
        return cursor.Consumed + 1;
    }

    private static void Append(FileEventLog log, EventEncoder encoder, in StreamEvent one, OrderingConstraint[]? constraints = null, byte[]? bytes = null)
    {
        Span<byte> room = stackalloc byte[256];
        Assert.True(encoder.TryWrite(room, one, constraints, bytes, out int written));
        log.Append(0, room[..written]);
    }
}

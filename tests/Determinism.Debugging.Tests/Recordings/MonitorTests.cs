using System.Globalization;
using System.Text.RegularExpressions;
using Determinism.Checkpoints;
using Determinism.Emulation.History;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Queries;

namespace Determinism.Debugging.Tests.Recordings;

/// <summary>Each command of <c>monitor</c> about a recording says what the queries say, and refuses what it cannot answer.</summary>
public sealed class MonitorTests : IDisposable
{
    // One recording for all: none is changed.
    private static readonly Lazy<MemoryEventLog> s_log = new(RecordSome);

    private readonly RecordedHistory _history = new(s_log.Value);
    private readonly LogQueries _queries = new(s_log.Value);
    private readonly HistoryTarget _target;
    private readonly ElfSymbol _counter;

    public MonitorTests()
    {
        _target = new HistoryTarget(_history, _history.Commands);
        _counter = _history.Configuration.Image.Symbols.Single(symbol => symbol.Name == "counter");
    }

    [Fact]
    public void Events_are_gone_to_and_points_told()
    {
        string[] told = Ask("seek-event 1 5");
        Assert.Equal($"After step {_history.Position}.", told[0]);
        Assert.StartsWith("vCPU 1 at ", told[2], StringComparison.Ordinal);
        Assert.EndsWith(", after event 5", told[2], StringComparison.Ordinal);
        Assert.StartsWith("agent 2, after event ", told[3], StringComparison.Ordinal);
        Assert.Equal(told[1..], Ask("points"));
        ulong here = _history.Position;
        Ask("seek end");
        Ask("seek-event 1 0x5");
        Assert.Equal(here, _history.Position);
        Ask("seek-event 0 0");
        Assert.Equal(0UL, _history.Position);
    }

    [Fact]
    public void Events_around_are_those_of_the_log()
    {
        Ask("seek-event 0 20");
        string[] told = Ask("events 2");
        const string Title = "vCPU 0, after event ";
        int at = Array.FindIndex(told, line => line.StartsWith(Title, StringComparison.Ordinal));
        // Others may have happened at the same place.
        ulong here = ulong.Parse(told[at].AsSpan(Title.Length).TrimEnd(':'), CultureInfo.InvariantCulture);
        Assert.True(here >= 20);
        Assert.Equal([$"  {here - 1} ", $"  {here} ", $"> {here + 1} ", $"> {here + 2} "],
            told[(at + 1)..(at + 5)].Select(line => line[..(line.IndexOf(' ', 2) + 1)]));
        for (ulong number = here - 1; number <= here + 2; number++)
        {
            EventCursor cursor = _queries.ReadFrom(new EventReference(0, number));
            Assert.True(cursor.MoveToNext());
            string line = told[at + 1 + (int)(number - (here - 1))];
            Assert.Contains($" {cursor.Next.Place} {cursor.Next.Position}: {cursor.Next.Kind}", line, StringComparison.Ordinal);
            foreach (OrderingConstraint cause in cursor.Constraints.ToArray())
                Assert.Contains(Text($" {cause.Agent}:{cause.EventNumber}"), line, StringComparison.Ordinal);
        }
        Assert.Contains(told, line => line.StartsWith("vCPU 1, after event ", StringComparison.Ordinal));
        string[] more = Ask("events");
        Assert.Equal(told[(at + 1)..(at + 5)], more[(Array.IndexOf(more, told[at]) + 2)..][..4]);
        Assert.All(Ask("events 0"), line => Assert.Contains(", after event ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Writers_are_listed_and_the_last_one_named()
    {
        Ask("seek end");
        RecordedWrite[] writers = [.. _history.FindWriters(_counter.Address, _counter.Bytes)];
        string[] told = Ask("writers counter");
        Assert.Equal(Math.Min(writers.Length, 100), told.Count(line => line.StartsWith("vCPU ", StringComparison.Ordinal)));
        Assert.Equal(told[..20], Ask($"writers 0x{_counter.Address:x} {_counter.Bytes}")[..20]);
        for (int index = 0; index < 20; index++)
        {
            RecordedWrite one = writers[index];
            Assert.Equal(Text($"vCPU {one.Agent} at {_history.Configuration.Image.NameOf(one.Instruction!.Value)} (0x{one.Instruction:x}), after its event {one.Event}; \"monitor seek {one.Position}\" goes there."), told[index]);
        }
        string last = Assert.Single(Ask("last-writer counter"));
        Assert.Contains(Text($"\"monitor seek {writers[^1].Position}\""), last, StringComparison.Ordinal);
        _target.Monitor(Regex.Match(last, "monitor (seek [0-9]+)").Groups[1].Value, CancellationToken.None);
        Assert.Contains(Text($"\"monitor seek {writers[^2].Position}\""), Assert.Single(Ask("last-writer counter")), StringComparison.Ordinal);
    }

    [Fact]
    public void Owners_are_those_of_the_log_here()
    {
        Ask("seek-event 1 30");
        ulong frame = _history.Configuration.Shape.FrameOf(_counter.Address);
        ulong[] here = [.. Regex.Matches(string.Join('\n', Ask("points")), "after event ([0-9]+)").Select(match => ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        string[] told = Ask("owners counter 4");
        IReadOnlyList<AccessRight> rights = _queries.RightsAt(frame, here);
        Assert.Equal([$"vCPU 0: {rights[0]} to frame 0x{frame:x}", $"vCPU 1: {rights[1]} to frame 0x{frame:x}", $"agent 2: {rights[2]} to frame 0x{frame:x}"], told[..3]);
        Assert.Equal(_queries.LastOwnershipChanges(frame, here, 4).Select(one =>
            Text($"event {one.Event}, {one.Place} {one.Position}: vCPU {one.Event.Agent} from {one.OldRight} to {one.NewRight}")), told[3..]);
        Assert.Equal(3 + Math.Min(5, _queries.LastOwnershipChanges(frame, here, 5).Count), Ask("owners counter").Length);
        Assert.Equal(3, Ask("owners counter 0").Length);
    }

    [Fact]
    public void What_comes_before_an_event_is_told_and_why()
    {
        var later = new EventReference(1, 30);
        IReadOnlyList<ulong> before = _queries.EventsBefore(later);
        Assert.True(before[0] > 1);
        string[] told = Ask("before 1 30");
        Assert.Equal(["Before event 1:30:", Text($"vCPU 0: its events up to {before[0]}"), "vCPU 1: its events up to 29"], told[..3]);
        string chain = string.Join(" < ", _queries.FindOrder(new EventReference(0, before[0]), later)!);
        Assert.Equal([$"0:{before[0]} comes before 1:30: {chain}"], Ask($"order 0 {before[0]} 1 30"));
        Assert.Equal([$"0:{before[0]} comes before 1:30: {chain}"], Ask($"order 1 30 0 {before[0]}"));
        // Agent 0's next event may only come at the same time, or later.
        Assert.DoesNotContain($"0:{before[0] + 1} comes before", Ask($"order 0 {before[0] + 1} 1 30")[0], StringComparison.Ordinal);
        Assert.Equal(["The recording does not order 1:30 and 1:30."], Ask("order 1 30 1 30"));
        Ask("seek-event 1 30");
        string[] here = Ask("before");
        Assert.Matches("^Before event [01]:[0-9]+:$", here[0]);
        Ask("seek begin");
        int first = _history.NextThread - 1;
        ulong number = ulong.Parse(Ask("points")[first].Split(' ')[^1], CultureInfo.InvariantCulture);
        Assert.Equal(Ask($"before {first} {number}"), Ask("before"));
    }

    [Fact]
    public void Checkpoints_are_listed_with_their_places_once_they_were_passed()
    {
        Assert.All(Ask("checkpoints"), line => Assert.DoesNotContain("monitor seek", line, StringComparison.Ordinal));
        Ask("seek end");
        string[] told = Ask("checkpoints");
        Assert.Equal(_queries.Checkpoints.All.Select(one => Text($"{one.Number}: {one.Cut}")), told.Select(line => line.Split(" (\"")[0]));
        ulong place = ulong.Parse(Regex.Match(told[0], "monitor seek ([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.Equal(place, _history.CheckpointBefore(place + 1));

        using var without = new RecordedHistory(Recorded.Record("hello", 1, ClockKind.RetiredInstructions));
        Assert.Equal("There are none.\n", new HistoryTarget(without, without.Commands).Monitor("checkpoints", CancellationToken.None));
    }

    [Theory]
    [InlineData("seek-event", "Which event?")]
    [InlineData("seek-event 9 5", "Which event?")]
    [InlineData("seek-event 1 x", "Which event?")]
    [InlineData("seek-event -1 5", "Which event?")]
    [InlineData("events x", "How many events")]
    [InlineData("events 1001", "How many events")]
    [InlineData("events 1 1", "How many events")]
    [InlineData("last-writer", "Whose writer?")]
    [InlineData("last-writer x", "Whose writer?")]
    [InlineData("last-writer counter 0", "Whose writer?")]
    [InlineData("last-writer 0x7fffff 2", "Whose writer?")]
    [InlineData("last-writer 0x7ffff0 8", "Nobody has written there.")]
    [InlineData("writers", "Whose writers?")]
    [InlineData("writers 0xffffffffffffffff 2", "Whose writers?")]
    [InlineData("writers counter 8 8", "Whose writers?")]
    [InlineData("writers 0x7ffff0", "Nobody writes there.")]
    [InlineData("owners", "Owners of what?")]
    [InlineData("owners 0x800000", "Owners of what?")]
    [InlineData("owners counter x", "Owners of what?")]
    [InlineData("owners counter 1001", "Owners of what?")]
    [InlineData("before 1", "Before which event?")]
    [InlineData("before 1 0", "Before which event?")]
    [InlineData("before 1 1000000", "Before which event?")]
    [InlineData("before 7 1", "Before which event?")]
    [InlineData("order 1 1 0", "Which events?")]
    [InlineData("order 1 1 0 0", "Which events?")]
    [InlineData("order 1 1000000 0 1", "Which events?")]
    public void What_cannot_be_answered_is_said(string command, string answer) =>
        Assert.StartsWith(answer, _target.Monitor(command, CancellationToken.None), StringComparison.Ordinal);

    [Fact]
    public void All_commands_are_in_help_and_on_the_page()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Determinism.sln")))
            folder = Path.GetDirectoryName(folder)!;
        string page = File.ReadAllText(Path.Combine(folder, "docs/debugging.md"));
        string help = _target.Monitor("help", CancellationToken.None);
        Assert.Equal(9, _history.Commands.Count);
        foreach (MonitorCommand command in _history.Commands)
        {
            Assert.Contains($"{command.Name}: {command.Help}\n", help, StringComparison.Ordinal);
            Assert.Matches($"\n\\| `{command.Name}[ `]", page);
        }
    }

    [Fact]
    public void Long_questions_are_given_up()
    {
        var cancelled = new CancellationToken(true);
        foreach (string command in (string[])["seek-event 1 30", "last-writer counter", "writers counter", "owners counter", "before 1 30"])
        {
            Ask("seek end");
            Assert.ThrowsAny<OperationCanceledException>(() => _target.Monitor(command, cancelled));
        }
    }

    public void Dispose() => _history.Dispose();

    private string[] Ask(string command) =>
        _target.Monitor(command, CancellationToken.None).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A recording of racy with some checkpoints, in which both vCPUs have enough events.</summary>
    private static MemoryEventLog RecordSome()
    {
        for (ulong seed = 1; seed < 100; seed++)
        {
            MemoryEventLog log = Recorded.Record("racy", 2, ClockKind.RetiredInstructions, seed: seed, checkpoints: 20);
            var queries = new LogQueries(log);
            if (queries.Checkpoints.All.Count > 2 && queries.ReadFrom(new EventReference(0, 25)).MoveToNext() && queries.ReadFrom(new EventReference(1, 35)).MoveToNext())
                return log;
        }
        throw new InvalidOperationException("No recording has enough events and checkpoints.");
    }
}

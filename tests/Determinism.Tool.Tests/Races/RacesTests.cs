using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Tests.Repairing;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Races;

/// <summary><c>races</c>: output and exit codes; what is found is the library's to test.</summary>
public class RacesTests
{
    [Fact]
    public void Races_are_named_and_end_with_1()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ToolRun run = ToolRun.Of("races", log.Path);
        Assert.Equal((1, ""), (run.Code, run.Errors));
        Assert.Matches(@"^\d+ races in \d+ accesses, \d+ synchronisations$", run.Lines[0]);
        int counter = Array.FindIndex(run.Lines, line => line.StartsWith("counter (0x", StringComparison.Ordinal));
        Assert.Matches(@"^counter \(0x[0-9a-f]+, 8 bytes\), \d+ times?; the first:$", run.Lines[counter]);
        Assert.Matches(@"^  vCPU \d (read|wrote) 0x[0-9a-f]+ at work\+0x[0-9A-F]+ \(0x[0-9a-f]+\)$", run.Lines[counter + 1]);
    }

    [Fact]
    public void Json_says_the_same()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ToolRun run = ToolRun.Of("races", log.Path, "--json");
        Assert.Equal(1, run.Code);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.True(json.RootElement.GetProperty("complete").GetBoolean());
        Assert.True(json.RootElement.GetProperty("accesses").GetInt64() > 1000);
        JsonElement[] races = [.. json.RootElement.GetProperty("races").EnumerateArray()];
        Assert.Contains(races, race => race.GetProperty("variable").GetString() == "counter"
            && race.GetProperty("size").GetInt32() == 8
            && race.GetProperty("first").GetProperty("agent").GetInt32() != race.GetProperty("second").GetProperty("agent").GetInt32());
        string text = ToolRun.Of("races", log.Path).Output;
        Assert.All(races, race => Assert.Contains(race.GetProperty("second").GetProperty("place").GetString()!, text, StringComparison.Ordinal));
    }

    [Fact]
    public void No_races_end_with_0()
    {
        using var log = new LogFolder(SampleLogs.FalseShare);
        ToolRun run = ToolRun.Good("races", log.Path);
        Assert.StartsWith("0 races in ", Assert.Single(run.Lines), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(ToolRun.Good("races", log.Path, "--json").Output);
        Assert.Empty(json.RootElement.GetProperty("races").EnumerateArray());
    }

    [Fact]
    public void A_log_that_cannot_be_replayed_ends_with_3()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ToolRun.Good("log", "redact", log.Path, log.Beside("other"), "--block", "image");
        ToolRun run = ToolRun.Of("races", log.Beside("other"));
        Assert.Equal((int)ExitCode.Unsupported, run.Code);
        Assert.Contains("taken out", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_of_another_machine_ends_with_5()
    {
        var many = new EditedLog(1);
        many.Add(0, new StreamEvent { Kind = EventKind.Digest, Place = PlaceKind.Count, Position = 1, Value = 1 });
        using var log = new LogFolder(many.ToLog());
        Assert.Equal((int)ExitCode.Damaged, ToolRun.Of("races", log.Path).Code);
    }

    [Fact]
    public void A_log_of_another_run_ends_with_1_and_names_the_difference()
    {
        var edited = new EditedLog(SampleLogs.Racy);
        edited.Change(0, one => one.One.Kind == EventKind.Elevation && one.One.Position > 1000,
            one => one with { One = one.One with { Check = (byte)(one.One.Check ^ 1) } });
        using var log = new LogFolder(edited.ToLog());
        ToolRun run = ToolRun.Of("races", log.Path);
        Assert.Equal((int)ExitCode.Divergence, run.Code);
        Assert.Empty(run.Output);
        Assert.NotEmpty(run.Errors);
    }

    [Fact]
    public void A_log_that_breaks_off_is_looked_at_as_far_as_it_goes()
    {
        using var log = new LogFolder(SampleLogs.Racy.StreamCount, file => RepairTests.CopyInTurns(SampleLogs.Racy, file));
        ChangedLog.BreakOff(log.Path, 0.7);
        ToolRun run = ToolRun.Of("races", log.Path);
        Assert.Equal((1, ""), (run.Code, run.Errors));
        Assert.Equal("The log was not completed: what came after its end was not looked at.", run.Lines[1]);
    }

    [Fact]
    public void A_missing_log_ends_with_4()
    {
        using var log = new LogFolder(SampleLogs.FalseShare);
        Assert.Equal((int)ExitCode.Failed, ToolRun.Of("races", log.Beside("nothing")).Code);
        Assert.Equal((int)ExitCode.Usage, ToolRun.Of("races", "").Code);
    }
}

namespace Determinism.Tool.Tests.Running;

/// <summary>What the command line refuses, in one line that names what was wrong, before anything is read or written.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("LOG is empty.", "info", "")]
    [InlineData("LOG is empty.", "verify", "")]
    [InlineData("LOG is empty.", "dump", "")]
    [InlineData("LOG is empty.", "stats", "")]
    [InlineData("FIRST is empty.", "diff", "", "LOG")]
    [InlineData("SECOND is empty.", "diff", "LOG", "")]
    [InlineData("SOURCE is empty.", "redact", "", "TARGET", "--states")]
    [InlineData("TARGET is empty.", "redact", "LOG", "", "--states")]
    [InlineData("SOURCE is empty.", "repair", "", "TARGET")]
    [InlineData("TARGET is empty.", "repair", "LOG", "")]
    [InlineData("LOG is empty.", "export", "", "TARGET")]
    [InlineData("TARGET is empty.", "export", "LOG", "")]
    [InlineData("The name of a secret's file is empty.", "dump", "LOG", "--key", "")]
    [InlineData("The name of a secret's file is empty.", "verify", "LOG", "--chain-key", "")]
    [InlineData("--interval takes a number from 1 to 4294967295, not \"0\".", "export", "LOG", "TARGET", "--interval", "0")]
    [InlineData("--interval takes a number from 1 to 4294967295, not \"00\".", "export", "LOG", "TARGET", "--interval", "00")]
    [InlineData("--context takes a number from 0 to 4294967295, not \"-1\".", "diff", "LOG", "LOG", "--context", "-1")]
    [InlineData("--top takes a number from 0 to 2147483647, not \"99999999999\".", "stats", "LOG", "--top", "99999999999")]
    [InlineData("--from takes a number from 0 to 18446744073709551615, not \"0x10\".", "dump", "LOG", "--from", "0x10")]
    [InlineData("--to-exit takes a number from 0 to 18446744073709551615, not \"\".", "dump", "LOG", "--to-exit", "")]
    public void Wrong_values_are_refused(string message, params string[] arguments)
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ToolRun run = ToolRun.Of(["log", .. arguments.Select(one => one switch
        {
            "LOG" => log.Path,
            "TARGET" => log.Beside("target"),
            _ => one,
        })]);
        Assert.Equal((int)ExitCode.Usage, run.Code);
        Assert.Equal([message, "--help tells more."], run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(Path.Exists(log.Beside("target")));
    }
}

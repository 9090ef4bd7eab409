using System.CommandLine;
using Determinism.Log;
using Determinism.Tool.Information;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Commands;

/// <summary><c>log info</c>: what is in a log.</summary>
internal static class InfoCommand
{
    public static Command Create(TextWriter output)
    {
        var path = Arguments.Path("LOG", "Folder of the log.");
        Option<LogKeys?> key = KeyOptions.CreateKey();
        Option<bool> json = JsonOption.Create();
        var command = new Command("info", """
            Prints what is in a log: of which machine it is, whether it is complete, blocks, agents and segments. Reads headers only.

            Examples:
              determinism log info run.log
              determinism log info run.log --json
            """)
        {
            path, json, key,
        };
        command.SetAction(parsed =>
        {
            string log = parsed.GetValue(path)!;
            LogVersion.Check(log);
            LogSummary summary = LogSummary.Of(FolderStorage.OpenExisting(log), parsed.GetValue(key));
            var report = new InfoReport(summary);
            if (parsed.GetValue(json))
                JsonOutput.Write(output, report.WriteJson);
            else
                report.WriteText(output);
            return (int)(summary.Damage is null ? ExitCode.Identical : ExitCode.Damaged);
        });
        return command;
    }
}

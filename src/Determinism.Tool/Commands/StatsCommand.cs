using System.CommandLine;
using Determinism.Log;
using Determinism.Tool.Reading;
using Determinism.Tool.Statistics;

namespace Determinism.Tool.Commands;

/// <summary><c>log stats</c>: where a log's bytes come from, and who waits for whom.</summary>
internal static class StatsCommand
{
    public static Command Create(TextWriter output, TextWriter errors)
    {
        var input = new LogInput();
        var top = Arguments.Number("--top", "How many frames and pairs of agents to show.", least: 0, byDefault: 10);
        var json = JsonOption.Create();
        var command = new Command("stats", """
            Counts events and bytes by kind, frames that go between agents, and constraints.

            Examples:
              determinism log stats run.log
              determinism log stats run.log --top 50 --json
            """)
        {
            input.Path, top, json, input.Key,
        };
        command.SetAction(parsed =>
        {
            using FileEventLogReader log = input.Open(parsed);
            LogFigures figures = LogFigures.Of(log, errors);
            var frames = new LogFrames(log);
            if (parsed.GetValue(json))
                JsonOutput.Write(output, new StatsJson(figures, frames, parsed.GetValue(top)).Write);
            else
                new StatsText(figures, frames, parsed.GetValue(top), output).Write();
            return (int)ExitCode.Identical;
        });
        return command;
    }
}

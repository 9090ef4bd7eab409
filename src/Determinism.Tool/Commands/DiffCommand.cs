using System.CommandLine;
using Determinism.Log;
using Determinism.Tool.Diffing;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Commands;

/// <summary><c>log diff</c>: what two logs differ in.</summary>
internal static class DiffCommand
{
    public static Command Create(TextWriter output, TextWriter errors)
    {
        var first = new LogInput("FIRST", "Folder of a log.");
        var second = new LogInput("SECOND", "Folder of the log to compare with it.", first.Key);
        var context = Arguments.Number("--context", "Events to show before and after a difference.", least: 0u, byDefault: 3u);
        var json = JsonOption.Create();
        var command = new Command("diff", """
            Finds the first difference of two logs, in what they mean: how they are cut into blocks and segments, compressed or
            encrypted does not matter. Ends with 0 if there is none, with 1 if there is one.

            Examples:
              determinism log diff before.log after.log
              determinism log diff a.log b.log --context 10 --json
            """)
        {
            first.Path, second.Path, context, json, first.Key,
        };
        command.SetAction(parsed =>
        {
            using FileEventLogReader one = first.Open(parsed);
            using FileEventLogReader other = second.Open(parsed);
            IReadOnlyList<ContentDifference> contents = ContentComparison.Find(one, other);
            EventComparison? events = null;
            if (one.StreamCount == other.StreamCount && ContentComparison.BeginAlike(one, other))
            {
                using var progress = new Progress(errors, "comparing", LogSize.OfEvents(one));
                events = EventComparison.Of(one, other, progress);
            }
            var report = new DiffReport(one, other, contents, events, parsed.GetValue(context));
            if (parsed.GetValue(json))
                JsonOutput.Write(output, report.WriteJson);
            else
                report.WriteText(output, parsed.GetValue(first.Path)!, parsed.GetValue(second.Path)!);
            return (int)(report.IsIdentical ? ExitCode.Identical : ExitCode.Divergence);
        });
        return command;
    }
}

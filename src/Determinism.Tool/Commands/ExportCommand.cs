using System.CommandLine;
using Determinism.Log;
using Determinism.Tool.Exporting;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Commands;

/// <summary><c>log export</c>: a log for other tools.</summary>
internal static class ExportCommand
{
    public static Command Create(TextWriter output, TextWriter errors)
    {
        var input = new LogInput();
        var target = Arguments.Path("TARGET", "File to write; there must be none.");
        var format = new Option<string>("--format") { Description = "What to write.", DefaultValueFactory = _ => "perfetto" };
        format.AcceptOnlyFromAmong("perfetto");
        var interval = Arguments.Number("--interval", "Units of time that each value of a counter is of.", least: 1u, byDefault: 1000u);
        var json = JsonOption.Create("Writes what was exported as JSON.");
        var command = new Command("export", """
            Writes a log as a trace that ui.perfetto.dev opens: a lane an agent, events by place, constraints as arrows. Time in it
            is logical: a log has no wall time.

            Examples:
              determinism log export run.log run.json --format perfetto
            """)
        {
            input.Path, target, format, interval, json, input.Key,
        };
        command.SetAction(parsed =>
        {
            using FileEventLogReader log = input.Open(parsed);
            string path = parsed.GetValue(target)!;
            ExportCounts counts = Write(log, path, parsed.GetValue(interval), errors);
            if (parsed.GetValue(json))
                JsonOutput.Write(output, writer => WriteCounts(writer, path, counts));
            else
                WriteCounts(path, counts, output);
            return (int)ExitCode.Identical;
        });
        return command;
    }

    private static ExportCounts Write(FileEventLogReader log, string path, uint interval, TextWriter errors)
    {
        // Half a trace opens as a whole one in some viewers.
        using var file = new NewFile(path);
        using var progress = new Progress(errors, "exporting", LogSize.OfEvents(log));
        ExportCounts counts = PerfettoExport.Write(log, file.Stream, interval, progress);
        file.Complete();
        return counts;
    }

    private static void WriteCounts(string path, ExportCounts counts, TextWriter output)
    {
        output.WriteLine($"{path}: {counts.Lanes} lanes, {counts.Slices} slices, {counts.Events} events, {counts.Flows} flows.");
        if (counts.Dropped > 0)
            output.WriteLine($"The log was cut short: {counts.Dropped} more events, whose causes are lost, are left out.");
    }

    private static void WriteCounts(System.Text.Json.Utf8JsonWriter json, string path, ExportCounts counts)
    {
        json.WriteStartObject();
        json.WriteString("target", path);
        json.WriteString("format", "perfetto");
        json.WriteNumber("lanes", counts.Lanes);
        json.WriteNumber("slices", counts.Slices);
        json.WriteNumber("events", counts.Events);
        json.WriteNumber("flows", counts.Flows);
        json.WriteNumber("droppedEvents", counts.Dropped);
        json.WriteEndObject();
    }
}

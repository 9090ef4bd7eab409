using System.CommandLine;
using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Reading;
using Determinism.Tool.Verification;

namespace Determinism.Tool.Commands;

/// <summary><c>log repair</c>: the part of a log that can be replayed.</summary>
internal static class RepairCommand
{
    public static Command Create(TextWriter output, TextWriter errors)
    {
        var source = Arguments.Path("SOURCE", "Folder of the log; it is only read.");
        var target = Arguments.Path("TARGET", "Folder of the new log; there must be nothing yet.");
        Option<Secret?> key = KeyOptions.CreateSecret();
        Option<Secret?> chainKey = KeyOptions.CreateChainSecret();
        Option<bool> json = JsonOption.Create();
        var command = new Command("repair", """
            Writes a new log of what can be replayed of one that broke off or is damaged: all before the first block that cannot be
            trusted, without events whose causes are lost. Secrets that are given are those of the new log, too.

            Examples:
              determinism log repair crashed.log repaired.log
              determinism log repair damaged.log repaired.log --chain-key chain.key --json
            """)
        {
            source, target, chainKey, key, json,
        };
        command.SetAction(parsed =>
        {
            string log = parsed.GetValue(source)!;
            LogVersion.Check(log);
            LogKeys? keys = KeyOptions.Combine(parsed.GetValue(key), parsed.GetValue(chainKey));
            LogInput.DemandKey(log, keys);
            LogRepairResult result;
            using (var progress = new ByteProgress(errors, "verifying", log))
                result = LogRepair.Repair(log, parsed.GetValue(target)!, new LogReadOptions { Keys = keys }, LogTarget.Options(keys), progress);
            if (parsed.GetValue(json))
                JsonOutput.Write(output, writer => WriteJson(writer, result));
            else
                WriteText(output, result);
            return (int)ExitCode.Identical;
        });
        return command;
    }

    private static void WriteText(TextWriter output, LogRepairResult result)
    {
        new VerificationReport(result.Found, mustBeComplete: false).WriteText(output);
        output.WriteLine($"{"agent",-8}{"kept events",14}{"bytes",14}{"dropped events",16}");
        for (int agent = 0; agent < result.Streams.Count; agent++)
        {
            StreamCut cut = result.Streams[agent];
            output.WriteLine($"{agent,-8}{cut.Events,14}{cut.Bytes,14}{cut.DroppedEvents,16}");
        }
        output.WriteLine(result.IsWhole ? "All of it was kept." : "The new log replays up to the last event kept of each agent.");
    }

    private static void WriteJson(Utf8JsonWriter json, LogRepairResult result)
    {
        json.WriteStartObject();
        json.WriteBoolean("whole", result.IsWhole);
        json.WriteStartArray("streams");
        for (int agent = 0; agent < result.Streams.Count; agent++)
        {
            StreamCut cut = result.Streams[agent];
            json.WriteStartObject();
            json.WriteNumber("agent", agent);
            json.WriteNumber("keptEvents", cut.Events);
            json.WriteNumber("keptBytes", cut.Bytes);
            json.WriteNumber("droppedEvents", cut.DroppedEvents);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WritePropertyName("found");
        new VerificationReport(result.Found, mustBeComplete: false).WriteJson(json);
        json.WriteEndObject();
    }
}

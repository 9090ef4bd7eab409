using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Determinism.Log;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Commands;

/// <summary><c>log redact</c>: a log without what its readers must not see.</summary>
internal static class RedactCommand
{
    private const string All = "all";

    private static readonly Dictionary<string, BlockKind> s_blocks = new()
    {
        ["image"] = BlockKind.GuestImage,
        ["memory"] = BlockKind.InitialMemory,
        ["disk"] = BlockKind.DiskImage,
        ["configuration"] = BlockKind.Configuration,
    };

    public static Command Create(TextWriter output, TextWriter errors)
    {
        var source = Arguments.Path("SOURCE", "Folder of the log; it is only read.");
        var target = Arguments.Path("TARGET", "Folder of the new log; there must be nothing yet.");
        var states = new Option<bool>("--states") { Description = "Takes out register states. The new log replays as before." };
        var payloads = new Option<string[]>("--payload")
        {
            Description = "Takes out payloads of inputs of a code, or of all. The new log cannot be replayed.",
            HelpName = "CODE|all", AllowMultipleArgumentsPerToken = true,
        };
        payloads.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (text != All && !uint.TryParse(text, CultureInfo.InvariantCulture, out _))
                    result.AddError($"{text} is no code of an input, nor \"{All}\".");
            }
        });
        var blocks = new Option<string[]>("--block")
        {
            Description = "Takes out what the machine starts from; its digest stays.", AllowMultipleArgumentsPerToken = true,
        };
        blocks.AcceptOnlyFromAmong([.. s_blocks.Keys]);
        Option<Secret?> key = KeyOptions.CreateSecret();
        Option<Secret?> chainKey = KeyOptions.CreateChainSecret();
        Option<bool> json = JsonOption.Create();
        var command = new Command("redact", """
            Writes a new log without register states, payloads of inputs or blocks, and with a note of what is gone. Secrets that
            are given are those of the new log, too.

            Examples:
              determinism log redact run.log shared.log --states
              determinism log redact run.log shared.log --payload 1 3 --block image disk
              determinism log redact run.log shared.log --payload all --json
            """)
        {
            source, target, states, payloads, blocks, chainKey, key, json,
        };
        command.SetAction(parsed =>
        {
            string log = parsed.GetValue(source)!;
            LogVersion.Check(log);
            string[] codes = parsed.GetValue(payloads) ?? [];
            var redaction = new LogRedaction
            {
                States = parsed.GetValue(states),
                AllPayloads = codes.Contains(All),
                Payloads = [.. codes.Where(code => code != All).Select(code => uint.Parse(code, CultureInfo.InvariantCulture))],
                Blocks = [.. (parsed.GetValue(blocks) ?? []).Select(name => s_blocks[name])],
            };
            if (redaction is { States: false, AllPayloads: false, Payloads.Count: 0, Blocks.Count: 0 })
                throw new UsageException("Say what is to be taken out: --states, --payload, --block.");
            LogKeys? keys = KeyOptions.Combine(parsed.GetValue(key), parsed.GetValue(chainKey));
            LogInput.DemandKey(log, keys);
            LogRedactionResult result = Run(log, parsed.GetValue(target)!, redaction, keys, errors);
            if (parsed.GetValue(json))
                JsonOutput.Write(output, writer => WriteJson(writer, result));
            else
                WriteText(output, result);
            return (int)ExitCode.Identical;
        });
        return command;
    }

    private static LogRedactionResult Run(
        string source, string target, LogRedaction redaction, LogKeys? keys, TextWriter errors)
    {
        using var log = new FileEventLogReader(source, new LogReadOptions { Keys = keys });
        if (!log.IsComplete)
            throw new DeterminismException($"{source} was not completed; \"log repair\" makes a log of it that is.");
        if (log.IsBeginningDropped)
            throw new DeterminismException($"{source} cannot be redacted: its oldest part was dropped, and the checkpoint that it begins at would have to be taken out.");
        using var copy = new FileEventLog(target, log.StreamCount, LogTarget.Options(keys));
        try
        {
            using var progress = new Progress(errors, "copying", LogSize.OfEvents(log));
            using var watched = new WatchedLog(log, progress.Add);
            return redaction.WriteTo(watched, copy);
        }
        catch
        {
            // It was made here, or was empty; half a log in it would only be in the way.
            copy.Dispose();
            Directory.Delete(target, recursive: true);
            throw;
        }
    }

    private static void WriteText(TextWriter output, LogRedactionResult result)
    {
        output.WriteLine($"taken out: {result.States} states, {result.Payloads} payloads ({result.PayloadBytes} bytes)");
        output.WriteLine("The new log says:");
        foreach (string line in result.Lines)
            output.WriteLine("  " + line);
    }

    private static void WriteJson(Utf8JsonWriter json, LogRedactionResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("states", result.States);
        json.WriteNumber("payloads", result.Payloads);
        json.WriteNumber("payloadBytes", result.PayloadBytes);
        json.WriteStartArray("redactions");
        foreach (string line in result.Lines)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

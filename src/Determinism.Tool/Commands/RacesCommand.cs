using System.CommandLine;
using Determinism.Emulation.Races;
using Determinism.Log;
using Determinism.Tool.Races;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Commands;

/// <summary><c>races</c>: which accesses of a recorded run nothing orders.</summary>
internal static class RacesCommand
{
    public static Command Create(TextWriter output, TextWriter errors)
    {
        var input = new LogInput();
        Option<bool> json = JsonOption.Create();
        var command = new Command("races", """
            Replays a recording of the sample machine on the managed machine and names accesses to the same bytes, one of them
            a plain write, that no lock, release store, interrupt or start orders. Ends with 0 if there are none, with 1 if
            there are some.

            Examples:
              determinism races run.log
              determinism races run.log --json
            """)
        {
            input.Path, json, input.Key,
        };
        command.SetAction(parsed =>
        {
            using FileEventLogReader log = input.Open(parsed);
            RaceReport found = Find(log, errors);
            var text = new RacesText(found, log);
            if (parsed.GetValue(json))
                JsonOutput.Write(output, text.WriteJson);
            else
                text.Write(output);
            return (int)(found.Races.Count == 0 ? ExitCode.Identical : ExitCode.Divergence);
        });
        return command;
    }

    private static RaceReport Find(FileEventLogReader log, TextWriter errors)
    {
        using var progress = new Progress(errors, "replaying", LogSize.OfEvents(log));
        // Each agent of the replay reads its own stream.
        var gate = new Lock();
        using var watched = new WatchedLog(log, more =>
        {
            lock (gate)
                progress.Add(more);
        });
        return RaceFinder.Find(watched);
    }
}

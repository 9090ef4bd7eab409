using System.CommandLine;
using Determinism.Log;
using Determinism.Tool.Dumping;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Commands;

/// <summary><c>log dump</c>: the events of a log.</summary>
internal static class DumpCommand
{
    private static readonly EventKind[] s_kinds = [.. Enum.GetValues<EventKind>().Where(kind => kind != EventKind.None)];

    public static Command Create(TextWriter output)
    {
        var input = new LogInput();
        var agents = new Option<int[]>("--agent")
        {
            Description = "Only these agents' events; all by default.", AllowMultipleArgumentsPerToken = true, HelpName = "N",
        };
        var kinds = new Option<string[]>("--kind")
        {
            Description = "Only events of these kinds; all by default.", AllowMultipleArgumentsPerToken = true,
        };
        kinds.AcceptOnlyFromAmong([.. s_kinds.Select(EventFormat.Name)]);
        Option<ulong?> from = Arguments.Bound<ulong>("--from", "First event, by its number in its stream, from 1.");
        Option<ulong?> to = Arguments.Bound<ulong>("--to", "Last event, by its number in its stream.");
        Option<ulong?> fromCount = Arguments.Bound<ulong>("--from-count", "From the first event at this count of the clock, or after it.");
        Option<ulong?> toCount = Arguments.Bound<ulong>("--to-count", "Up to the last event at this count of the clock, or before it.");
        Option<ulong?> fromExit = Arguments.Bound<ulong>("--from-exit", "From the first event at this exit, or after it.");
        Option<ulong?> toExit = Arguments.Bound<ulong>("--to-exit", "Up to the last event at this exit, or before it.");
        var json = JsonOption.Create("Writes a JSON object a line.");
        var command = new Command("dump", """
            Prints the events of a log, agent by agent. Of a long log it reads only the part that is asked for.

            Examples:
              determinism log dump run.log --agent 0 --from 100 --to 120
              determinism log dump run.log --kind input asynchronous --json
            """)
        {
            input.Path, agents, kinds, from, to, fromCount, toCount, fromExit, toExit, json, input.Key,
        };
        command.SetAction(parsed =>
        {
            using FileEventLogReader log = input.Open(parsed);
            string[]? wanted = parsed.GetValue(kinds);
            var range = new EventRange
            {
                From = Math.Max(1, parsed.GetValue(from) ?? 1),
                To = parsed.GetValue(to) ?? ulong.MaxValue,
                FromCount = parsed.GetValue(fromCount),
                ToCount = parsed.GetValue(toCount),
                FromExit = parsed.GetValue(fromExit),
                ToExit = parsed.GetValue(toExit),
                Kinds = wanted is null or [] ? null : s_kinds.Where(kind => wanted.Contains(EventFormat.Name(kind))).ToHashSet(),
            };
            EventDump.Write(log, SelectAgents(log, parsed.GetValue(agents)), range, parsed.GetValue(json), output);
            return (int)ExitCode.Identical;
        });
        return command;
    }

    private static IEnumerable<int> SelectAgents(FileEventLogReader log, int[]? wanted)
    {
        if (wanted is null or [])
            return Enumerable.Range(0, log.StreamCount);
        foreach (int agent in wanted)
        {
            if ((uint)agent >= (uint)log.StreamCount)
                throw new UsageException($"There is no agent {agent}: the log has agents 0 to {log.StreamCount - 1}.");
        }
        return wanted.Distinct().Order();
    }
}

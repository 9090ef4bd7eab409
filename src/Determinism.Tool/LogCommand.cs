using System.CommandLine;

namespace Determinism.Tool;

/// <summary>What can be done with a log.</summary>
internal static class LogCommand
{
    public static Command Create(TextWriter output, TextWriter errors) => new("log", "Looks into logs.")
    {
        Commands.DiffCommand.Create(output, errors),
        Commands.DumpCommand.Create(output),
        Commands.ExportCommand.Create(output, errors),
        Commands.InfoCommand.Create(output),
        Commands.RedactCommand.Create(output, errors),
        Commands.RepairCommand.Create(output, errors),
        Commands.StatsCommand.Create(output, errors),
        Commands.VerifyCommand.Create(output, errors),
    };
}

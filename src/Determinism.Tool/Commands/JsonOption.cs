using System.CommandLine;

namespace Determinism.Tool.Commands;

/// <summary>The option that all commands have.</summary>
internal static class JsonOption
{
    public static Option<bool> Create(string description = "Writes JSON.") => new("--json") { Description = description };
}

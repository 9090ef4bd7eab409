namespace Determinism.Guests.Build.Polls;

/// <summary>The pass could not prove that a poll may be put where one is needed.</summary>
public sealed class PollPassException(string file, int line, string reason)
    : Exception($"{file}:{line}: {reason}")
{
    /// <summary>The line of the assembler text, from 1.</summary>
    public int Line { get; } = line;
}

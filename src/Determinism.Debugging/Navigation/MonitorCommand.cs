namespace Determinism.Debugging;

/// <summary>A command of <c>monitor</c>.</summary>
/// <param name="Name">Its first word.</param>
/// <param name="Help">What follows it and what it does, on one line.</param>
/// <param name="Run">Gets the words behind the name, and says what to print; lines that end with a line feed. It may throw a
/// <see cref="DebugTargetException"/>.</param>
public sealed record MonitorCommand(string Name, string Help, Func<IReadOnlyList<string>, CancellationToken, string> Run);

namespace Determinism.Tool;

/// <summary>The command line asks for something that this log does not have.</summary>
internal sealed class UsageException(string message) : Exception(message);

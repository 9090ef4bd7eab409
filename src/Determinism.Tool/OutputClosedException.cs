namespace Determinism.Tool;

/// <summary>Nobody reads any more what the tool prints.</summary>
internal sealed class OutputClosedException(Exception cause) : Exception("The output was closed.", cause);

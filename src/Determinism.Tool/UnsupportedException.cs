namespace Determinism.Tool;

/// <summary>This version cannot do what was asked.</summary>
internal sealed class UnsupportedException(string message) : Exception(message);

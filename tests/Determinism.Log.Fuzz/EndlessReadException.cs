namespace Determinism.Log.Fuzz;

/// <summary>A reader does more than a log of its size can be worth.</summary>
/// <param name="message">What it did.</param>
public sealed class EndlessReadException(string message) : Exception(message);

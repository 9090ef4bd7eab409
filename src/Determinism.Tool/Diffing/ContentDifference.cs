namespace Determinism.Tool.Diffing;

/// <summary>Something beside the events that the logs do not agree on.</summary>
/// <param name="Name">What.</param>
/// <param name="First">What the first log says.</param>
/// <param name="Second">What the second one says.</param>
internal sealed record ContentDifference(string Name, string First, string Second);

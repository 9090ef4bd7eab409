namespace Determinism.Tool;

/// <summary>A secret of a log, out of a file.</summary>
/// <remarks>Not an array: to the command line an array that nobody gives is an empty one.</remarks>
internal sealed record Secret(byte[] Bytes);

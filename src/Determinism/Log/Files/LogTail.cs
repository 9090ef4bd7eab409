namespace Determinism.Log;

/// <summary>What a log ends with.</summary>
/// <param name="Segment">Number of the last segment, also of one that has not even its start yet.</param>
/// <param name="Offset">Where its last whole block ends, in bytes from the segment's start; 0 if it has no start.</param>
/// <param name="IgnoredBytes">Bytes after that, which are no whole block: written when the power went, or being
/// written.</param>
/// <param name="Reason">Why they are none; empty if there are none.</param>
public sealed record LogTail(int Segment, long Offset, long IgnoredBytes, string Reason)
{
    internal const string NoStart = "The segment's start is cut off.";
}

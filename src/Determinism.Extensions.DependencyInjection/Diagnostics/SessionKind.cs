namespace Determinism.Diagnostics;

/// <summary>What a session does; its names, in lower case, are the values of a tag.</summary>
internal enum SessionKind
{
    Record,
    Replay,
    Unrecorded,
}

namespace Determinism.Log;

/// <summary>How an attempt to read one event ended.</summary>
public enum ReadStatus : byte
{
    /// <summary>An event was read.</summary>
    Read = 0,

    /// <summary>The bytes end inside an event, or there are none.</summary>
    NeedsMore = 1,

    /// <summary>The bytes are not an event.</summary>
    Damaged = 2,
}

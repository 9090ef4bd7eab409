namespace Determinism.Log;

/// <summary>How a place in a stream is named to a reader.</summary>
internal enum SoughtBy
{
    Event,
    Offset,
    Count,
    Exit,
}

namespace Determinism.Log;

/// <summary>Which part of its stream a block of events holds.</summary>
internal record struct BlockExtent
{
    /// <summary>Number of the first event, from 1.</summary>
    public ulong FirstEvent;

    /// <summary>Bytes of events before this block in the stream.</summary>
    public long StreamOffset;

    /// <summary>The clock's count that is in force at the first event.</summary>
    public ulong FirstCount;

    /// <summary>The ordinal of the exit that is in force at the first event.</summary>
    public ulong FirstExit;

    /// <summary>The count in force after the last event.</summary>
    public ulong LastCount;

    /// <summary>The exit in force after the last event.</summary>
    public ulong LastExit;
}

namespace Determinism.Log;

/// <summary>One event as the log holds it, without its constraints and bytes.</summary>
public struct StreamEvent
{
    // Long fields first: without gaps, an event is two thirds as long.

    /// <summary>The clock's count, or the ordinal of the synchronous exit.</summary>
    public ulong Position;

    /// <summary>The frame of an elevation or a reduction.</summary>
    public ulong Frame;

    /// <summary>Value of an input without bytes, of an asynchronous event or of a digest.</summary>
    public ulong Value;

    /// <summary>What an input or asynchronous event is of; chosen by the machine.</summary>
    public uint Code;

    /// <summary>What it says.</summary>
    public EventKind Kind;

    /// <summary>How its place is named: <see cref="PlaceKind.Count"/> or <see cref="PlaceKind.Exit"/>.</summary>
    public PlaceKind Place;

    /// <summary>The agent's running digest after the event, folded to eight bits.</summary>
    public byte Check;

    /// <summary>The right before it.</summary>
    public AccessRight OldRight;

    /// <summary>The right after it.</summary>
    public AccessRight NewRight;

    /// <summary>Whether the event carries bytes.</summary>
    public bool HasBytes;

    /// <summary>Whether both name the same place in the same stream.</summary>
    /// <param name="other">The other event.</param>
    public readonly bool IsSamePlace(in StreamEvent other) => Place == other.Place && Position == other.Position;
}

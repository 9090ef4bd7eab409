using System.Runtime.CompilerServices;

namespace Determinism.Log;

/// <summary>What the codec remembers of a stream, on both sides alike: numbers are written as differences.</summary>
internal struct StreamState
{
    /// <summary>Numbers of events wrap here, so that beside them an agent's number fits into a varint.</summary>
    public const ulong EventNumberMask = (1UL << 48) - 1;

    private const byte NoPlace = 0xFF;

    public ulong Count;
    public ulong Exit;
    public PlaceKind Place;
    public bool HasPlace;
    public ulong Frame;
    public uint Code;
    public ulong Value;
    public readonly ulong[] Sources;

    /// <summary>Bits that an agent's number takes in a constraint.</summary>
    public readonly int AgentBits;

    public StreamState(int agentCount)
        : this(new ulong[agentCount])
    {
    }

    private StreamState(ulong[] sources)
    {
        Sources = sources;
        int agentCount = sources.Length;
        while (agentCount > 1 << AgentBits)
            AgentBits++;
    }

    /// <summary>A state that goes on by itself.</summary>
    public readonly StreamState Copy()
    {
        var copy = new StreamState((ulong[])Sources.Clone()) { Count = Count, Exit = Exit, Place = Place, HasPlace = HasPlace };
        (copy.Frame, copy.Code, copy.Value) = (Frame, Code, Value);
        return copy;
    }

    /// <summary>The last position of a kind, which the next one is written from.</summary>
    public readonly ulong PositionOf(PlaceKind place) => place == PlaceKind.Count ? Count : Exit;

    /// <summary>The shortest way to name a place.</summary>
    public readonly PlaceKind Shorten(PlaceKind place, ulong position)
    {
        if (HasPlace && Place == place && position == PositionOf(place))
            return PlaceKind.Same;
        return place == PlaceKind.Exit && position == Exit + 1 ? PlaceKind.NextExit : place;
    }

    /// <summary>The event is the last one from now on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remember(in StreamEvent one, ReadOnlySpan<OrderingConstraint> constraints)
    {
        MoveTo(one.Place, one.Position);
        foreach (OrderingConstraint constraint in constraints)
            Sources[constraint.Agent] = constraint.EventNumber;
        switch (one.Kind)
        {
            case EventKind.Elevation:
            case EventKind.Reduction:
                Frame = one.Frame;
                break;
            case EventKind.Input:
            case EventKind.Asynchronous:
                Code = one.Code;
                if (!one.HasBytes)
                    Value = one.Value;
                break;
        }
    }

    /// <summary>The most bytes that <see cref="WriteTo"/> writes for a number of agents.</summary>
    public static int MaximumBytes(int agentCount) => 1 + ((5 + agentCount) * Varint.MaximumBytes);

    /// <summary>Writes the state: a block that begins with it can be read without those before.</summary>
    /// <returns>Bytes written.</returns>
    public readonly int WriteTo(Span<byte> destination)
    {
        int position = 0;
        destination[position++] = HasPlace ? (byte)Place : NoPlace;
        // What MaximumBytes leaves room for always fits.
        Varint.TryWrite(destination, Count, ref position);
        Varint.TryWrite(destination, Exit, ref position);
        Varint.TryWrite(destination, Frame, ref position);
        Varint.TryWrite(destination, Code, ref position);
        Varint.TryWrite(destination, Value, ref position);
        foreach (ulong source in Sources)
            Varint.TryWrite(destination, source, ref position);
        return position;
    }

    /// <summary>Reads a state back.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, int agentCount, out StreamState state, out int consumed) =>
        TryRead(source, new ulong[agentCount], out state, out consumed);

    /// <summary>Reads a state back into an array for each agent's last source, which the state keeps.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, ulong[] sources, out StreamState state, out int consumed)
    {
        state = new StreamState(sources);
        consumed = 0;
        if (source.IsEmpty || source[0] is not (NoPlace or (byte)PlaceKind.Count or (byte)PlaceKind.Exit))
            return false;
        state.HasPlace = source[0] != NoPlace;
        state.Place = state.HasPlace ? (PlaceKind)source[0] : default;
        int position = 1;
        if (!Varint.TryRead(source, ref position, out state.Count) || !Varint.TryRead(source, ref position, out state.Exit)
            || !Varint.TryRead(source, ref position, out state.Frame)
            || !Varint.TryRead(source, ref position, out ulong code) || code > uint.MaxValue
            || !Varint.TryRead(source, ref position, out state.Value))
            return false;
        state.Code = (uint)code;
        for (int agent = 0; agent < sources.Length; agent++)
        {
            if (!Varint.TryRead(source, ref position, out sources[agent]))
                return false;
        }
        consumed = position;
        return true;
    }

    private void MoveTo(PlaceKind place, ulong position)
    {
        HasPlace = true;
        Place = place;
        if (place == PlaceKind.Count)
            Count = position;
        else
            Exit = position;
    }
}

using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>Writes one agent's events, each as its difference from the ones before.</summary>
/// <remarks>
/// First byte: kind (bits 0–3), place (bits 4–5), two bits of the kind's own (6, 7). Then the place, unless it is that of
/// the event before; the check byte; the kind's fields. docs/log-format.md has the whole. One thread at a time.
/// </remarks>
/// <param name="agentCount">Number of agents in the log.</param>
public sealed class EventEncoder(int agentCount)
{
    internal const int FlagA = 0x40;
    internal const int FlagB = 0x80;
    internal const int PlaceShift = 4;

    private StreamState _state = new(agentCount);

    /// <summary>The most bytes that an event takes, apart from its constraints and its own bytes.</summary>
    public const int MaximumFixedBytes = 64;

    /// <summary>The most bytes that a constraint takes.</summary>
    public const int MaximumConstraintBytes = Varint.MaximumBytes;

    /// <summary>Writes one event.</summary>
    /// <param name="destination">Where to; too short a one is left with nothing that counts as written.</param>
    /// <param name="one">The event.</param>
    /// <param name="constraints">An elevation's constraints.</param>
    /// <param name="bytes">The bytes of an event that <see cref="StreamEvent.HasBytes"/>.</param>
    /// <param name="written">Bytes written, or 0.</param>
    /// <returns>Whether it fitted.</returns>
    public bool TryWrite(Span<byte> destination, in StreamEvent one, ReadOnlySpan<OrderingConstraint> constraints,
        ReadOnlySpan<byte> bytes, out int written)
    {
        written = 0;
        PlaceKind place = _state.Shorten(one.Place, one.Position);
        int flags = Flags(one, constraints.Length);
        if (destination.Length < 2)
            return false;

        int position = 0;
        destination[position++] = (byte)((int)one.Kind | ((int)place << PlaceShift) | flags);
        if (place is PlaceKind.Count or PlaceKind.Exit)
            position = Varint.Write(destination, position, one.Position - _state.PositionOf(place));
        if ((uint)position >= (uint)destination.Length)
            return false;
        destination[position++] = one.Check;
        position = WriteFields(destination, position, one, flags, constraints, bytes);
        if (position < 0)
            return false;

        _state.Remember(one, constraints);
        written = position;
        return true;
    }

    private int Flags(in StreamEvent one, int constraintCount) => one.Kind switch
    {
        EventKind.Elevation => (one.NewRight == AccessRight.ReadWrite ? FlagA : 0) | (constraintCount > 0 ? FlagB : 0),
        EventKind.Reduction => (one.NewRight == AccessRight.Read ? FlagA : 0)
            | (one.OldRight == AccessRight.ReadWrite ? FlagB : 0),
        EventKind.Input or EventKind.Asynchronous => (one.HasBytes ? FlagA : 0) | (one.Code == _state.Code ? FlagB : 0),
        EventKind.Digest => one.HasBytes ? FlagA : 0,
        _ => 0,
    };

    // Positions go by value, so that they stay in registers; what did not fit goes the same way, as Varint.Ended.
    private int WriteFields(Span<byte> destination, int position, in StreamEvent one, int flags,
        ReadOnlySpan<OrderingConstraint> constraints, ReadOnlySpan<byte> bytes)
    {
        switch (one.Kind)
        {
            case EventKind.Elevation:
            case EventKind.Reduction:
                position = Varint.Write(destination, position, Varint.ZigZag((long)(one.Frame - _state.Frame)));
                return constraints.IsEmpty ? position : WriteConstraints(destination, position, constraints);
            case EventKind.Input:
            case EventKind.Asynchronous:
                if ((flags & FlagB) == 0)
                    position = Varint.Write(destination, position, one.Code);
                return one.HasBytes
                    ? WriteBytes(destination, position, bytes)
                    : Varint.Write(destination, position, Varint.ZigZag((long)(one.Value - _state.Value)));
            case EventKind.Digest:
                if (!BinaryPrimitives.TryWriteUInt64LittleEndian(destination[position..], one.Value))
                    return Varint.Ended;
                position += sizeof(ulong);
                return one.HasBytes ? WriteBytes(destination, position, bytes) : position;
            default:
                return position;
        }
    }

    private static int WriteBytes(Span<byte> destination, int position, ReadOnlySpan<byte> bytes)
    {
        position = Varint.Write(destination, position, (ulong)bytes.Length);
        return position >= 0 && bytes.TryCopyTo(destination[position..]) ? position + bytes.Length : Varint.Ended;
    }

    // Event numbers of one source only grow, and mostly by little: the agent and "one more follows" go into the same number.
    private int WriteConstraints(Span<byte> destination, int position, ReadOnlySpan<OrderingConstraint> constraints)
    {
        for (int index = 0; index < constraints.Length; index++)
        {
            OrderingConstraint one = constraints[index];
            if (one.EventNumber > StreamState.EventNumberMask)
                throw new ArgumentOutOfRangeException(nameof(constraints), one, "Event numbers stay below 2^48.");
            ulong distance = (one.EventNumber - _state.Sources[one.Agent]) & StreamState.EventNumberMask;
            ulong packed = (((distance << _state.AgentBits) | (uint)one.Agent) << 1) | (index + 1 < constraints.Length ? 1UL : 0);
            position = Varint.Write(destination, position, packed);
        }
        return position;
    }
}

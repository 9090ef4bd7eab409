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
        if (place is PlaceKind.Count or PlaceKind.Exit
            && !Varint.TryWrite(destination, one.Position - _state.PositionOf(place), ref position))
            return false;
        if (position >= destination.Length)
            return false;
        destination[position++] = one.Check;
        if (!TryWriteFields(destination, one, flags, constraints, bytes, ref position))
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

    private bool TryWriteFields(Span<byte> destination, in StreamEvent one, int flags,
        ReadOnlySpan<OrderingConstraint> constraints, ReadOnlySpan<byte> bytes, ref int position)
    {
        switch (one.Kind)
        {
            case EventKind.Elevation:
            case EventKind.Reduction:
                return Varint.TryWrite(destination, Varint.ZigZag((long)(one.Frame - _state.Frame)), ref position)
                    && TryWriteConstraints(destination, constraints, ref position);
            case EventKind.Input:
            case EventKind.Asynchronous:
                if ((flags & FlagB) == 0 && !Varint.TryWrite(destination, one.Code, ref position))
                    return false;
                if (!one.HasBytes)
                    return Varint.TryWrite(destination, Varint.ZigZag((long)(one.Value - _state.Value)), ref position);
                return TryWriteBytes(destination, bytes, ref position);
            case EventKind.Digest:
                if (!BinaryPrimitives.TryWriteUInt64LittleEndian(destination[position..], one.Value))
                    return false;
                position += sizeof(ulong);
                return !one.HasBytes || TryWriteBytes(destination, bytes, ref position);
            default:
                return true;
        }
    }

    private static bool TryWriteBytes(Span<byte> destination, ReadOnlySpan<byte> bytes, ref int position)
    {
        if (!Varint.TryWrite(destination, (ulong)bytes.Length, ref position)
            || !bytes.TryCopyTo(destination[position..]))
            return false;
        position += bytes.Length;
        return true;
    }

    // Event numbers of one source only grow, and mostly by little: the agent and "one more follows" go into the same number.
    private bool TryWriteConstraints(Span<byte> destination, ReadOnlySpan<OrderingConstraint> constraints,
        ref int position)
    {
        for (int index = 0; index < constraints.Length; index++)
        {
            OrderingConstraint one = constraints[index];
            Guard.InRange(one.EventNumber <= StreamState.EventNumberMask, one, nameof(constraints),
                "Event numbers stay below 2^48.");
            ulong distance = (one.EventNumber - _state.Sources[one.Agent]) & StreamState.EventNumberMask;
            ulong packed = (((distance << _state.AgentBits) | (uint)one.Agent) << 1) | (index + 1 < constraints.Length ? 1UL : 0);
            if (!Varint.TryWrite(destination, packed, ref position))
                return false;
        }
        return true;
    }
}

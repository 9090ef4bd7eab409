using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Determinism.Log;

/// <summary>Reads one agent's events back; the other half of <see cref="EventEncoder"/>.</summary>
/// <remarks>Allocates nothing. Feed it the stream from its start, or from where its state is of. One thread at a
/// time.</remarks>
public sealed class EventDecoder
{
    private readonly OrderingConstraint[] _constraints;
    private StreamState _state;
    private int _constraintCount;

    /// <summary>Creates a decoder for one stream.</summary>
    /// <param name="agentCount">Number of agents in the log.</param>
    public EventDecoder(int agentCount)
    {
        _state = new StreamState(agentCount);
        _constraints = new OrderingConstraint[agentCount];
    }

    /// <summary>Creates a decoder for the rest of a stream.</summary>
    internal EventDecoder(in StreamState state)
    {
        _state = state;
        _constraints = new OrderingConstraint[state.Sources.Length];
    }

    /// <summary>What has been read so far comes to this.</summary>
    internal ref readonly StreamState State => ref _state;

    /// <summary>The constraints of the event read last; valid until the next read.</summary>
    public ReadOnlySpan<OrderingConstraint> Constraints => _constraints.AsSpan(0, _constraintCount);

    /// <summary>Reads one event.</summary>
    /// <param name="source">Bytes of the stream, from an event's start on.</param>
    /// <param name="one">The event.</param>
    /// <param name="bytes">Its own bytes, inside <paramref name="source"/>.</param>
    /// <param name="consumed">Bytes that it took, or 0.</param>
    /// <returns>How it went; state changes only on success.</returns>
    public ReadStatus TryRead(ReadOnlySpan<byte> source, out StreamEvent one, out ReadOnlySpan<byte> bytes,
        out int consumed)
    {
        one = default;
        bytes = default;
        consumed = 0;
        _constraintCount = 0;
        if (source.IsEmpty)
            return ReadStatus.NeedsMore;

        int position = 0;
        byte first = source[position++];
        one.Kind = (EventKind)(first & 0x0F);
        if (one.Kind is EventKind.None or > EventKind.End)
            return ReadStatus.Damaged;
        ReadStatus status = ReadPlace(source, (PlaceKind)((first >> EventEncoder.PlaceShift) & 3), ref one, ref position);
        if (status != ReadStatus.Read)
            return status;
        if (position >= source.Length)
            return ReadStatus.NeedsMore;
        one.Check = source[position++];

        bool flagA = (first & EventEncoder.FlagA) != 0;
        bool flagB = (first & EventEncoder.FlagB) != 0;
        if (one.Kind is EventKind.Elevation or EventKind.Reduction)
        {
            status = ReadRightChange(source, flagA, flagB, ref one, ref position);
        }
        else
        {
            int rest = position;
            status = one.Kind switch
            {
                EventKind.Input or EventKind.Asynchronous => ReadValue(source, flagA, flagB, ref one, out bytes, ref rest),
                EventKind.Digest => ReadDigest(source, flagA, ref one, out bytes, ref rest),
                _ => ReadStatus.Read,
            };
            position = rest;
        }
        if (status == ReadStatus.Read)
        {
            _state.Remember(one, Constraints);
            consumed = position;
        }
        return status;
    }

    // This and right changes, most of all events, are part of their caller, so that the position stays in a register.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadStatus ReadPlace(ReadOnlySpan<byte> source, PlaceKind place, ref StreamEvent one, ref int position)
    {
        switch (place)
        {
            case PlaceKind.Same:
                if (!_state.HasPlace)
                    return ReadStatus.Damaged;
                one.Place = _state.Place;
                one.Position = _state.PositionOf(_state.Place);
                return ReadStatus.Read;
            case PlaceKind.NextExit:
                one.Place = PlaceKind.Exit;
                one.Position = _state.Exit + 1;
                return ReadStatus.Read;
            default:
                if (!Varint.TryRead(source, ref position, out ulong distance))
                    return Short(source, position);
                one.Place = place;
                one.Position = _state.PositionOf(place) + distance;
                return ReadStatus.Read;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadStatus ReadRightChange(ReadOnlySpan<byte> source, bool flagA, bool flagB, scoped ref StreamEvent one,
        ref int position)
    {
        if (!Varint.TryRead(source, ref position, out ulong distance))
            return Short(source, position);
        one.Frame = _state.Frame + (ulong)Varint.UnZigZag(distance);
        if (one.Kind == EventKind.Reduction)
        {
            one.NewRight = flagA ? AccessRight.Read : AccessRight.None;
            one.OldRight = flagB ? AccessRight.ReadWrite : AccessRight.Read;
            return ReadStatus.Read;
        }
        one.NewRight = flagA ? AccessRight.ReadWrite : AccessRight.Read;
        for (bool isMore = flagB; isMore;)
        {
            if (!Varint.TryRead(source, ref position, out ulong packed))
                return Short(source, position);
            isMore = (packed & 1) != 0;
            packed >>= 1;
            ulong agent = packed & ((1UL << _state.AgentBits) - 1);
            if (agent >= (ulong)_constraints.Length || _constraintCount == _constraints.Length)
                return ReadStatus.Damaged;
            _constraints[_constraintCount++] = new OrderingConstraint(
                (int)agent, (_state.Sources[agent] + (packed >> _state.AgentBits)) & StreamState.EventNumberMask);
        }
        return ReadStatus.Read;
    }

    private ReadStatus ReadValue(ReadOnlySpan<byte> source, bool hasBytes, bool isSameCode, scoped ref StreamEvent one,
        out ReadOnlySpan<byte> bytes, scoped ref int position)
    {
        bytes = default;
        ulong code = _state.Code;
        if (!isSameCode && !Varint.TryRead(source, ref position, out code))
            return Short(source, position);
        if (code > uint.MaxValue)
            return ReadStatus.Damaged;
        one.Code = (uint)code;
        one.HasBytes = hasBytes;
        if (hasBytes)
            return ReadBytes(source, out bytes, ref position);
        if (!Varint.TryRead(source, ref position, out ulong number))
            return Short(source, position);
        one.Value = _state.Value + (ulong)Varint.UnZigZag(number);
        return ReadStatus.Read;
    }

    private static ReadStatus ReadBytes(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> bytes, scoped ref int position)
    {
        bytes = default;
        if (!Varint.TryRead(source, ref position, out ulong number))
            return Short(source, position);
        if (number > (ulong)(source.Length - position))
            return number > int.MaxValue ? ReadStatus.Damaged : ReadStatus.NeedsMore;
        bytes = source.Slice(position, (int)number);
        position += (int)number;
        return ReadStatus.Read;
    }

    private static ReadStatus ReadDigest(ReadOnlySpan<byte> source, bool hasBytes, scoped ref StreamEvent one,
        out ReadOnlySpan<byte> bytes, scoped ref int position)
    {
        bytes = default;
        one.HasBytes = hasBytes;
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(source[position..], out one.Value))
            return ReadStatus.NeedsMore;
        position += sizeof(ulong);
        return hasBytes ? ReadBytes(source, out bytes, ref position) : ReadStatus.Read;
    }

    // A number that stops before the bytes do is too long for any number.
    private static ReadStatus Short(ReadOnlySpan<byte> source, int position) =>
        position >= source.Length ? ReadStatus.NeedsMore : ReadStatus.Damaged;
}

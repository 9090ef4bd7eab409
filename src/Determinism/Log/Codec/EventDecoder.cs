using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Determinism.Log;

/// <summary>Reads one agent's events back; the other half of <see cref="EventEncoder"/>.</summary>
/// <remarks>Allocates nothing. Feed it the stream from its start, or from where its state is of. One thread at a
/// time.</remarks>
public sealed class EventDecoder
{
    // Instead of a position.
    private const int NeedsMore = Varint.Ended;
    private const int Damaged = Varint.TooLong;

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
        _state = state.Copy();
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
        int next = Read(source, 0, ref one);
        if (next < 0)
            return next == NeedsMore ? ReadStatus.NeedsMore : ReadStatus.Damaged;
        consumed = next;
        if (one.HasBytes)
            bytes = source.Slice(next - BytesLength, BytesLength);
        return ReadStatus.Read;
    }

    /// <summary>Bytes of the event read last, if it has any: they are its end.</summary>
    internal int BytesLength { get; private set; }

    /// <summary>Reads one event.</summary>
    /// <param name="source">Bytes of the stream.</param>
    /// <param name="position">Where the event begins.</param>
    /// <param name="one">All zeros before; the event.</param>
    /// <returns>The position after it; negative if there is none.</returns>
    // Positions go by value, so that they stay in registers; what is wrong goes the same way.
    internal int Read(ReadOnlySpan<byte> source, int position, ref StreamEvent one)
    {
        _constraintCount = 0;
        if ((uint)position >= (uint)source.Length)
            return NeedsMore;
        byte first = source[position];
        one.Kind = (EventKind)(first & 0x0F);
        if (one.Kind is EventKind.None or > EventKind.End)
            return Damaged;
        position = ReadPlace(source, position + 1, (PlaceKind)((first >> EventEncoder.PlaceShift) & 3), ref one);
        if (position < 0)
            return position;
        if ((uint)position >= (uint)source.Length)
            return NeedsMore;
        one.Check = source[position++];

        bool flagA = (first & EventEncoder.FlagA) != 0;
        bool flagB = (first & EventEncoder.FlagB) != 0;
        position = one.Kind switch
        {
            EventKind.Elevation or EventKind.Reduction => ReadRightChange(source, position, flagA, flagB, ref one),
            EventKind.Input or EventKind.Asynchronous => ReadValue(source, position, flagA, flagB, ref one),
            EventKind.Digest => ReadDigest(source, position, flagA, ref one),
            _ => position,
        };
        if (position >= 0)
            _state.Remember(one, Constraints);
        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadPlace(ReadOnlySpan<byte> source, int position, PlaceKind place, ref StreamEvent one)
    {
        switch (place)
        {
            case PlaceKind.Same:
                one.Place = _state.Place;
                one.Position = _state.PositionOf(_state.Place);
                return _state.HasPlace ? position : Damaged;
            case PlaceKind.NextExit:
                one.Place = PlaceKind.Exit;
                one.Position = _state.Exit + 1;
                return position;
            default:
                position = Varint.Read(source, position, out ulong distance);
                one.Place = place;
                one.Position = _state.PositionOf(place) + distance;
                return position;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadRightChange(ReadOnlySpan<byte> source, int position, bool flagA, bool flagB, ref StreamEvent one)
    {
        position = Varint.Read(source, position, out ulong distance);
        one.Frame = _state.Frame + (ulong)Varint.UnZigZag(distance);
        if (one.Kind == EventKind.Reduction)
        {
            one.NewRight = flagA ? AccessRight.Read : AccessRight.None;
            one.OldRight = flagB ? AccessRight.ReadWrite : AccessRight.Read;
            return position;
        }
        one.NewRight = flagA ? AccessRight.ReadWrite : AccessRight.Read;
        for (bool isMore = flagB; isMore && position >= 0;)
        {
            position = Varint.Read(source, position, out ulong packed);
            isMore = (packed & 1) != 0;
            packed >>= 1;
            ulong agent = packed & ((1UL << _state.AgentBits) - 1);
            if (position < 0)
                return position;
            if (agent >= (ulong)_constraints.Length || _constraintCount == _constraints.Length)
                return Damaged;
            _constraints[_constraintCount++] = new OrderingConstraint(
                (int)agent, (_state.Sources[agent] + (packed >> _state.AgentBits)) & StreamState.EventNumberMask);
        }
        return position;
    }

    private int ReadValue(ReadOnlySpan<byte> source, int position, bool hasBytes, bool isSameCode, ref StreamEvent one)
    {
        ulong code = _state.Code;
        if (!isSameCode)
            position = Varint.Read(source, position, out code);
        if (position < 0)
            return position;
        if (code > uint.MaxValue)
            return Damaged;
        one.Code = (uint)code;
        one.HasBytes = hasBytes;
        if (hasBytes)
            return ReadBytes(source, position);
        position = Varint.Read(source, position, out ulong number);
        one.Value = _state.Value + (ulong)Varint.UnZigZag(number);
        return position;
    }

    private int ReadBytes(ReadOnlySpan<byte> source, int position)
    {
        position = Varint.Read(source, position, out ulong number);
        if (position < 0)
            return position;
        if (number > (ulong)(source.Length - position))
            return number > int.MaxValue ? Damaged : NeedsMore;
        BytesLength = (int)number;
        return position + (int)number;
    }

    private int ReadDigest(ReadOnlySpan<byte> source, int position, bool hasBytes, ref StreamEvent one)
    {
        one.HasBytes = hasBytes;
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(source[position..], out one.Value))
            return NeedsMore;
        position += sizeof(ulong);
        return hasBytes ? ReadBytes(source, position) : position;
    }
}

using System.Runtime.CompilerServices;
using Determinism.Log;

namespace Determinism.Benchmarks.Logging;

/// <summary>Makes and encodes events of one kind, as they follow one another in a stream.</summary>
internal sealed class EventMaker(EventShape shape)
{
    public const int Agents = 8;
    public const int BufferBytes = EventEncoder.MaximumFixedBytes + EventEncoder.MaximumConstraintBytes;

    private const int ContentBytes = 12;

    private readonly OrderingConstraint[] _constraint = new OrderingConstraint[1];
    private readonly byte[] _content = new byte[ContentBytes];
    private readonly StreamEvent _event = new()
    {
        Kind = shape switch
        {
            EventShape.Elevation or EventShape.ElevationWithConstraint => EventKind.Elevation,
            EventShape.Reduction => EventKind.Reduction,
            EventShape.InputValue or EventShape.InputBytes => EventKind.Input,
            EventShape.Asynchronous => EventKind.Asynchronous,
            EventShape.Digest => EventKind.Digest,
            _ => EventKind.End,
        },
        Place = PlaceKind.Count, Code = 3, OldRight = AccessRight.Read, NewRight = AccessRight.ReadWrite,
        HasBytes = shape == EventShape.InputBytes,
    };

    private readonly int _constraints = shape == EventShape.ElevationWithConstraint ? 1 : 0;

    public StreamEvent Make(ulong number)
    {
        StreamEvent one = _event;
        one.Position = number * 100;
        one.Frame = number * 7 % 1024;
        one.Value = number * 11;
        one.Check = (byte)number;
        return one;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Encode(EventEncoder encoder, ulong number, Span<byte> buffer)
    {
        StreamEvent one = Make(number);
        _constraint[0] = new OrderingConstraint((int)(number % Agents), number);
        ReadOnlySpan<byte> content = one.HasBytes ? _content : default;
        encoder.TryWrite(buffer, one, _constraint.AsSpan(0, _constraints), content, out int written);
        return written;
    }
}

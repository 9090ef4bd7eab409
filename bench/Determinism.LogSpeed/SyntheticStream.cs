using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>One stream of a log of any length whose every event is known without keeping it: a run of mixed events that comes
/// again and again, each time further on.</summary>
/// <remarks>Numbers are written as differences, so all runs but the first are the same bytes, and still other events.</remarks>
internal sealed class SyntheticStream
{
    public const int RunEvents = 8_000;

    private const int Lag = 50;
    private const int PieceBytes = 4_096;

    private readonly StreamEvent[] _events = new StreamEvent[RunEvents];
    private readonly OrderingConstraint[][] _constraints = new OrderingConstraint[RunEvents][];
    private readonly byte[][] _bytes = new byte[RunEvents][];
    private readonly int _agents;
    private ulong _counts;
    private ulong _exits;
    private ulong _values;

    public SyntheticStream(int stream, int agents)
    {
        Stream = stream;
        _agents = agents;
        Fill(stream, new Random(stream + 1));
        var encoder = new EventEncoder(agents);
        First = Encode(encoder, 0);
        Repeated = Encode(encoder, 1);
        if (!Repeated.SelectMany(piece => piece).SequenceEqual(Encode(encoder, 2).SelectMany(piece => piece)))
            throw new InvalidOperationException("Runs differ: the state does not come back to where it was.");
    }

    /// <summary>Its number in the log.</summary>
    public int Stream { get; }

    /// <summary>The first run, in pieces of whole events.</summary>
    public byte[][] First { get; }

    /// <summary>Each later run.</summary>
    public byte[][] Repeated { get; }

    /// <summary>The event of a number.</summary>
    public StreamEvent EventAt(ulong number)
    {
        (ulong run, int index) = Locate(number);
        StreamEvent one = _events[index];
        one.Position += run * (one.Place == PlaceKind.Count ? _counts : _exits);
        if (one.Kind == EventKind.Input && !one.HasBytes)
            one.Value += run * _values;
        return one;
    }

    /// <summary>Whether a cursor is at the event of a number: every field of it.</summary>
    public bool IsAt(EventCursor cursor, ulong number)
    {
        (ulong run, int index) = Locate(number);
        StreamEvent one = EventAt(number);
        ref readonly StreamEvent found = ref cursor.Next;
        return cursor.Consumed + 1 == number && found.Kind == one.Kind && found.IsSamePlace(one) && found.Check == one.Check
            && found.Frame == one.Frame && found.NewRight == one.NewRight && found.Code == one.Code && found.Value == one.Value
            && cursor.Bytes.SequenceEqual(_bytes[index]) && cursor.Constraints.SequenceEqual(ConstraintsOf(index, run));
    }

    /// <summary>The number of the first event at or after a point, and a point right after the one before it.</summary>
    /// <param name="near">Some event; the next one of its place's kind is taken that stands alone or first at its place.</param>
    /// <param name="random">Chooses the point.</param>
    public (ulong Number, PlaceKind Place, ulong Position) PointNear(ulong near, Random random)
    {
        PlaceKind place = EventAt(near).Place;
        ulong before = EventAt(near).Position;
        ulong number = near + 1;
        while (EventAt(number).Place != place || EventAt(number).Position == before)
            number++;
        return (number, place, before + 1 + (ulong)random.NextInt64((long)(EventAt(number).Position - before)));
    }

    private static (ulong Run, int Index) Locate(ulong number) => ((number - 1) / RunEvents, (int)((number - 1) % RunEvents));

    private void Fill(int stream, Random random)
    {
        for (int index = 0; index < RunEvents; index++)
        {
            int dice = random.Next(100);
            bool isInput = dice >= 85;
            _constraints[index] = [];
            _bytes[index] = dice == 99 ? new byte[12] : [];
            random.NextBytes(_bytes[index]);
            var one = new StreamEvent { Check = (byte)random.Next(256) };
            if (isInput)
            {
                one.Kind = EventKind.Input;
                one.Place = PlaceKind.Exit;
                one.Position = _exits += (ulong)random.Next(1, 4);
                one.Code = (uint)random.Next(2, 4);
                one.HasBytes = dice == 99;
                one.Value = one.HasBytes ? 0 : _values += (ulong)random.Next(100, 5_000);
            }
            else
            {
                bool isElevation = dice < 45;
                one.Kind = isElevation ? EventKind.Elevation : EventKind.Reduction;
                one.Place = PlaceKind.Count;
                // Some are where the one before was.
                one.Position = _counts += index > 0 && random.Next(10) == 0 ? 0 : (ulong)random.Next(1, 300);
                one.Frame = (ulong)random.Next(1 << 12);
                one.OldRight = isElevation ? AccessRight.None : AccessRight.ReadWrite;
                one.NewRight = isElevation ? AccessRight.ReadWrite : AccessRight.None;
                // What happened before in all streams alike is no circle.
                if (isElevation && index >= Lag)
                    _constraints[index] = [new OrderingConstraint((stream + 1 + random.Next(_agents - 1)) % _agents, (ulong)(index + 1 - Lag))];
            }
            _events[index] = one;
        }
    }

    private OrderingConstraint[] ConstraintsOf(int index, ulong run) =>
        Array.ConvertAll(_constraints[index], one => new OrderingConstraint(one.Agent, one.EventNumber + (run * RunEvents)));

    private byte[][] Encode(EventEncoder encoder, ulong run)
    {
        var pieces = new List<byte[]>();
        var piece = new byte[PieceBytes];
        int length = 0;
        for (int index = 0; index < RunEvents; index++)
        {
            StreamEvent one = EventAt((run * RunEvents) + (ulong)index + 1);
            int written;
            while (!encoder.TryWrite(piece.AsSpan(length), one, ConstraintsOf(index, run), _bytes[index], out written))
            {
                pieces.Add(piece[..length]);
                length = 0;
            }
            length += written;
        }
        pieces.Add(piece[..length]);
        return [.. pieces];
    }
}

namespace Determinism.Log.Killed;

/// <summary>Events of one stream as a recording could have them, always the same for the same numbers.</summary>
/// <remarks>Constraints name events of other streams with smaller numbers, so there is always a stream that can go
/// on.</remarks>
public sealed class SyntheticStream
{
    private const int LargestBytes = 3000;

    private readonly Random _random;
    private readonly EventEncoder _encoder;
    private readonly int _stream;
    private readonly ulong[] _sources;
    private readonly List<OrderingConstraint> _constraints = [];
    private readonly byte[] _bytes = new byte[LargestBytes];
    private readonly byte[] _encoded = new byte[LargestBytes + 1024];
    private ulong _count;
    private ulong _exit;
    private int _length;

    public SyntheticStream(int seed, int stream, int streamCount)
    {
        _random = new Random((seed * 1000) + stream);
        _encoder = new EventEncoder(streamCount);
        _stream = stream;
        _sources = new ulong[streamCount];
    }

    /// <summary>Number of the event at hand, from 1.</summary>
    public ulong Number { get; private set; }

    public IReadOnlyList<OrderingConstraint> Constraints => _constraints;

    public ReadOnlySpan<byte> Encoded => _encoded.AsSpan(0, _length);

    public void MoveNext()
    {
        Number++;
        _constraints.Clear();
        var one = new StreamEvent { Check = (byte)_random.Next(), Code = (uint)_random.Next(4) };
        ChoosePlace(ref one);
        int bytes = ChooseKind(ref one);
        _random.NextBytes(_bytes.AsSpan(0, bytes));
        if (!_encoder.TryWrite(_encoded, one, _constraints.ToArray(), _bytes.AsSpan(0, bytes), out _length))
            throw new InvalidOperationException("The event does not fit.");
    }

    private void ChoosePlace(ref StreamEvent one)
    {
        bool isExit = _random.Next(2) == 0;
        one.Place = isExit ? PlaceKind.Exit : PlaceKind.Count;
        one.Position = isExit ? _exit += (ulong)_random.Next(2) : _count += (ulong)_random.Next(500);
    }

    private int ChooseKind(ref StreamEvent one)
    {
        one.Frame = (ulong)_random.Next(64);
        one.Value = (ulong)_random.Next(1 << 20);
        switch (_random.Next(20))
        {
            case < 7:
                one.Kind = EventKind.Elevation;
                one.NewRight = _random.Next(2) == 0 ? AccessRight.Read : AccessRight.ReadWrite;
                Constrain();
                return 0;
            case < 12:
                one.Kind = EventKind.Reduction;
                one.OldRight = AccessRight.ReadWrite;
                one.NewRight = _random.Next(2) == 0 ? AccessRight.Read : AccessRight.None;
                return 0;
            case < 16:
                one.Kind = EventKind.Input;
                return 0;
            case < 18:
                one.Kind = EventKind.Input;
                one.HasBytes = true;
                return _random.Next(20) == 0 ? _random.Next(LargestBytes) : _random.Next(60);
            case < 19:
                one.Kind = EventKind.Asynchronous;
                return 0;
            default:
                one.Kind = EventKind.Digest;
                return 0;
        }
    }

    private void Constrain()
    {
        for (int agent = 0; agent < _sources.Length; agent++)
        {
            ulong back = 1 + (ulong)_random.Next(4);
            if (agent == _stream || _random.Next(_sources.Length) > 1 || Number <= back || Number - back <= _sources[agent])
                continue;
            _sources[agent] = Number - back;
            _constraints.Add(new OrderingConstraint(agent, Number - back));
        }
    }
}

using System.Numerics;

namespace Determinism.Log.Tests.SecondReader;

internal enum What : byte
{
    Elevation = 1, Reduction, Input, Asynchronous, Digest, End,
}

internal readonly record struct Cause(int Stream, ulong Event);

/// <summary>An event with all differences undone.</summary>
internal sealed record LogEvent(
    What What, bool A, bool B, bool AtExit, ulong Count, ulong Exit, byte Check,
    ulong Frame, uint Code, ulong Value, byte[]? Bytes, Cause[] Causes);

/// <summary>What the differences of one stream start from.</summary>
internal sealed class State(int streams)
{
    public byte Place { get; private set; } = 255;
    public ulong Count { get; private set; }
    public ulong Exit { get; private set; }
    public ulong Frame { get; private set; }
    public uint Code { get; private set; }
    public ulong Value { get; private set; }
    private readonly ulong[] _last = new ulong[streams];

    public static State Read(Input input, int streams)
    {
        var state = new State(streams)
        {
            Place = input.Byte(),
            Count = input.Varint(),
            Exit = input.Varint(),
            Frame = input.Varint(),
            Code = checked((uint)input.Varint()),
            Value = input.Varint(),
        };
        for (int i = 0; i < streams; i++)
        {
            state._last[i] = input.Varint();
        }
        return state;
    }

    public bool IsAs(State other) =>
        (Place, Count, Exit, Frame, Code, Value) ==
            (other.Place, other.Count, other.Exit, other.Frame, other.Code, other.Value)
        && _last.AsSpan().SequenceEqual(other._last);

    /// <summary>Reads one event and goes on to what the next one starts from.</summary>
    public LogEvent Next(Input input)
    {
        byte head = input.Byte();
        var what = (What)(head & 15);
        bool a = (head & 0x40) != 0, b = (head & 0x80) != 0;
        ReadPlace((head >> 4) & 3, input);
        byte check = input.Byte();
        ulong value = 0;
        byte[]? bytes = null;
        Cause[] causes = [];
        switch (what)
        {
            case What.Elevation:
                Frame += input.Zigzag();
                causes = b ? ReadCauses(input) : [];
                break;
            case What.Reduction:
                Frame += input.Zigzag();
                break;
            case What.Input or What.Asynchronous:
                Code = b ? Code : checked((uint)input.Varint());
                if (a)
                    bytes = input.Bytes(checked((int)input.Varint()));
                else
                {
                    Value += input.Zigzag();
                    value = Value;
                }
                break;
            case What.Digest:
                value = input.UInt64();
                bytes = a ? input.Bytes(checked((int)input.Varint())) : null;
                break;
            case What.End:
                break;
            default:
                throw new NotALogException($"an event of kind {(int)what}");
        }
        bool hasFrame = what is What.Elevation or What.Reduction, hasCode = what is What.Input or What.Asynchronous;
        return new LogEvent(what, a, b, Place == 1, Count, Exit, check,
            hasFrame ? Frame : 0, hasCode ? Code : 0, value, bytes, causes);
    }

    private void ReadPlace(int place, Input input)
    {
        switch (place)
        {
            case 0:
                Count += input.Varint();
                Place = 0;
                break;
            case 1:
                Exit += input.Varint();
                Place = 1;
                break;
            case 2 when Place == 255:
                throw new NotALogException("a first event where the event before was");
            case 3:
                Exit++;
                Place = 1;
                break;
        }
    }

    private Cause[] ReadCauses(Input input)
    {
        int bits = BitOperations.Log2((uint)_last.Length - 1) + 1;
        bits = _last.Length == 1 ? 0 : bits;
        var causes = new List<Cause>();
        bool more = true;
        while (more)
        {
            ulong number = input.Varint();
            more = (number & 1) != 0;
            int stream = (int)((number >> 1) & ((1UL << bits) - 1));
            causes.Add(new Cause(stream, _last[stream] + (number >> (1 + bits))));
        }
        foreach (Cause cause in causes)
            _last[cause.Stream] = cause.Event;
        return [.. causes];
    }
}

using BenchmarkDotNet.Attributes;
using Determinism.Log;

namespace Determinism.Benchmarks.Logging;

/// <summary>Events out of a stream's bytes.</summary>
public class DecodeBenchmarks
{
    private const int Events = 10_000;

    private readonly EventDecoder _decoder = new(EventMaker.Agents);
    private byte[] _stream = [];

    [ParamsAllValues]
    public EventShape Shape { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var maker = new EventMaker(Shape);
        var encoder = new EventEncoder(EventMaker.Agents);
        var buffer = new byte[EventMaker.BufferBytes];
        var bytes = new List<byte>();
        for (ulong number = 1; number <= Events; number++)
            bytes.AddRange(buffer.AsSpan(0, maker.Encode(encoder, number, buffer)));
        _stream = [.. bytes];
    }

    // The stream again and again: differences to whatever came before.
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong Decode()
    {
        ulong sum = 0;
        ReadOnlySpan<byte> rest = _stream;
        while (_decoder.TryRead(rest, out StreamEvent one, out _, out int consumed) == ReadStatus.Read)
        {
            sum += one.Position;
            rest = rest[consumed..];
        }
        return sum;
    }
}

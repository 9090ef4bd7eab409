using BenchmarkDotNet.Attributes;
using Determinism.Log;

namespace Determinism.Benchmarks;

/// <summary>The event codec and the append.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private const int Events = 10_000;

    private readonly byte[] _buffer = new byte[EventEncoder.MaximumFixedBytes + EventEncoder.MaximumConstraintBytes];
    private readonly OrderingConstraint[] _constraint = new OrderingConstraint[1];
    private byte[] _stream = [];

    [GlobalSetup]
    public void Setup()
    {
        var encoder = new EventEncoder(8);
        var bytes = new List<byte>();
        for (int number = 0; number < Events; number++)
        {
            Encode(encoder, number, out int written);
            bytes.AddRange(_buffer.AsSpan(0, written));
        }
        _stream = [.. bytes];
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public void EncodeAndAppend()
    {
        var encoder = new EventEncoder(8);
        using var log = new MemoryEventLog(1);
        for (int number = 0; number < Events; number++)
        {
            Encode(encoder, number, out int written);
            log.Append(0, _buffer.AsSpan(0, written));
        }
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public ulong Decode()
    {
        var decoder = new EventDecoder(8);
        ulong sum = 0;
        ReadOnlySpan<byte> rest = _stream;
        while (decoder.TryRead(rest, out StreamEvent one, out _, out int consumed) == ReadStatus.Read)
        {
            sum += one.Frame;
            rest = rest[consumed..];
        }
        return sum;
    }

    private void Encode(EventEncoder encoder, int number, out int written)
    {
        _constraint[0] = new OrderingConstraint(number % 8, (ulong)number);
        encoder.TryWrite(_buffer, new StreamEvent
        {
            Kind = EventKind.Elevation, Position = (ulong)number * 100, Frame = (ulong)(number * 7 % 1000),
            NewRight = AccessRight.ReadWrite,
        }, _constraint, default, out written);
    }
}

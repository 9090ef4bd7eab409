using BenchmarkDotNet.Attributes;
using Determinism.Log;

namespace Determinism.Benchmarks.Logging;

/// <summary>An event into a log, from its fields on.</summary>
public class AppendBenchmarks
{
    private const int Events = 10_000;

    private readonly byte[] _buffer = new byte[EventMaker.BufferBytes];
    private readonly EventEncoder _encoder = new(EventMaker.Agents);
    private EventMaker _maker = null!;
    private ulong _number;

    [ParamsAllValues]
    public EventShape Shape { get; set; }

    [GlobalSetup]
    public void Setup() => _maker = new EventMaker(Shape);

    [Benchmark(OperationsPerInvoke = Events)]
    public long ToNull()
    {
        using var log = new NullLog(1);
        return Append(log);
    }

    /// <summary>What it allocates is what it keeps.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long ToMemory()
    {
        using var log = new MemoryEventLog(1);
        return Append(log);
    }

    private long Append(IEventLog log)
    {
        LogPosition last = default;
        for (int index = 0; index < Events; index++)
            last = log.Append(0, _buffer.AsSpan(0, _maker.Encode(_encoder, ++_number, _buffer)));
        return last.Offset;
    }
}

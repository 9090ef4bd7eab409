using System.Runtime.InteropServices;
using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Determinism.Benchmarks.StandIns;
using Determinism.Log;
using FASTER.core;

namespace Determinism.Benchmarks.Logging;

/// <summary>What a user would append events to, and ours. They are handed on as they are, not encoded.</summary>
public class AppendStandInBenchmarks
{
    private const int Events = 10_000;

    private readonly EventMaker _maker = new(EventShape.Elevation);
    private readonly List<byte> _list = [];
    private FasterLog _faster = null!;
    private string _folder = "";
    private ulong _number;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("append").FullName;
        _faster = FasterEvents.Open(_folder);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _faster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What it allocates is what it keeps.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long ToOurMemoryLog()
    {
        using var log = new MemoryEventLog(1);
        LogPosition last = default;
        for (int index = 0; index < Events; index++)
        {
            StreamEvent one = _maker.Make(++_number);
            last = log.Append(0, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref one, 1)));
        }
        return last.Offset;
    }

    /// <summary>Written, and read at the other end by the same thread.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong ToChannel()
    {
        var channel = Channel.CreateUnbounded<StreamEvent>(
            new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        for (int index = 0; index < Events; index++)
            channel.Writer.TryWrite(_maker.Make(++_number));
        ulong sum = 0;
        while (channel.Reader.TryRead(out StreamEvent one))
            sum += one.Frame;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public long ToFasterLog()
    {
        long address = 0;
        for (int index = 0; index < Events; index++)
        {
            StreamEvent one = _maker.Make(++_number);
            address = _faster.Enqueue(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref one, 1)));
        }
        return address;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int ToListUnderLock()
    {
        _list.Clear();
        for (int index = 0; index < Events; index++)
        {
            StreamEvent one = _maker.Make(++_number);
            lock (_list)
                _list.AddRange(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref one, 1)));
        }
        return _list.Count;
    }
}

using System.Runtime.InteropServices;
using Determinism.Emulation;
using Determinism.ProcessorTests.Generation;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>How the managed processor is made to run.</summary>
internal enum ManagedMode
{
    /// <summary>At one go, all rights given.</summary>
    AtOnce,

    /// <summary>With a stop after every few instructions.</summary>
    InSteps,

    /// <summary>With no right to begin with: every page is asked for by a fault.</summary>
    ByFaults,
}

/// <summary>The processor under test.</summary>
internal sealed unsafe class ManagedProcessor : IProcessor, IDisposable
{
    private const int MostFaultsInPlace = 16;

    private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Layout.MemoryBytes, 4096);
    private Processor _processor;
    private readonly ManagedMode _mode;
    private readonly int _pageShift;
    private readonly Pcg _random;

    public ManagedProcessor(ManagedMode mode, int pageShift, ulong seed)
    {
        NativeMemory.Clear(_memory, (nuint)Layout.MemoryBytes);
        _mode = mode;
        _pageShift = pageShift;
        _random = new Pcg(seed, (ulong)mode);
        _processor = Create();
    }

    public string Name => "managed";

    public byte* Memory => _memory;

    public string? Run(ulong start)
    {
        try
        {
            return RunUnguarded(start);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A result like any other: the report has to name the instruction. The processor is in no good state now.
            var message = $"{e.GetType().Name} at or after {_processor.Registers.Rip:x}: {e.Message}";
            _processor.Dispose();
            _processor = Create();
            return message;
        }
    }

    public void Dispose()
    {
        _processor.Dispose();
        NativeMemory.AlignedFree(_memory);
    }

    private Processor Create()
    {
        var processor = new Processor(_memory, Layout.MemoryBytes, _pageShift, lowestAddress: 0x1000);
        processor.SetAllRights(AccessRight.ReadWrite);
        return processor;
    }

    private string? RunUnguarded(ulong start)
    {
        // Memory was written from outside.
        if (_mode == ManagedMode.ByFaults)
            _processor.SetAllRights(AccessRight.None);
        else
            _processor.ForgetCode(0, Layout.MemoryBytes);
        ref var registers = ref _processor.Registers;
        registers.Rip = start;
        registers.Rflags = 2;
        registers.Mxcsr = 0x1F80;
        registers.FsBase = Layout.FsBase;
        registers.GsBase = Layout.GsBase;
        var limit = _processor.Count + 1_000_000;
        var faults = 0;
        while (_processor.Count < limit)
        {
            var before = _processor.Count;
            var stop = _mode == ManagedMode.InSteps ? before + (ulong)_random.Between(1, 12) : limit;
            var exit = _processor.Run(stop);
            faults = _processor.Count == before ? faults + 1 : 0;
            switch (exit.Reason)
            {
                case ProcessorExitReason.Stopped:
                    if (_processor.Count != stop)
                        return $"stopped at count {_processor.Count} instead of {stop}, RIP {registers.Rip:x}";
                    break;
                case ProcessorExitReason.PortOut:
                    return exit.Port == 0x10 ? null : $"port {exit.Port:x}";
                case ProcessorExitReason.Fault when _mode == ManagedMode.ByFaults && faults < MostFaultsInPlace:
                    Grant(exit.Access);
                    break;
                default:
                    return $"{exit.Reason} at {registers.Rip:x}, access {exit.Access}: {exit.Message}";
            }
        }
        return $"still running at {registers.Rip:x}";
    }

    private void Grant(MemoryAccess access)
    {
        var last = (access.Address + access.Size - 1) >> _pageShift;
        for (var frame = access.Address >> _pageShift; frame <= last; frame++)
        {
            if (_processor.GetRight(frame) < access.Right)
                _processor.SetRight(frame, access.Right);
        }
    }
}

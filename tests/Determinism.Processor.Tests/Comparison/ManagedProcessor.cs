using System.Runtime.InteropServices;
using Determinism.Emulation;
using Determinism.ProcessorTests.Generation;
using Determinism.X86;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>How the managed processor is made to run.</summary>
internal enum ManagedMode
{
    /// <summary>At one go, all rights given.</summary>
    AtOnce,

    /// <summary>Twice, from the same data: the second time all code is decoded and linked.</summary>
    Twice,

    /// <summary>With a stop after every few instructions.</summary>
    InSteps,

    /// <summary>With no right to begin with: every page is asked for by a fault, and may be taken away again.</summary>
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
    private readonly HashSet<ulong> _granted = [];
    private readonly byte[] _before;
    private readonly InstructionReader _reader = new();
    private readonly MemoryOperands _table = new();

    public ManagedProcessor(ManagedMode mode, int pageShift, ulong seed)
    {
        NativeMemory.Clear(_memory, (nuint)Layout.MemoryBytes);
        _mode = mode;
        _pageShift = pageShift;
        _random = new Pcg(seed, (ulong)mode);
        _before = mode == ManagedMode.Twice ? new byte[Layout.MemoryBytes] : [];
        _processor = Create();
    }

    public string Name => "managed";

    public byte* Memory => _memory;

    /// <summary>How often an access lacked its right.</summary>
    public long Faults { get; private set; }

    public string? Run(ulong start)
    {
        try
        {
            // Memory was written from outside.
            _processor.ForgetCode(0, Layout.MemoryBytes);
            if (_mode == ManagedMode.Twice)
            {
                new Span<byte>(_memory, _before.Length).CopyTo(_before);
                if (RunOnce(start) is { } failure)
                    return failure;
                Restore();
            }
            return RunOnce(start);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A result like any other: the report has to name the instruction. The processor is in no good state now.
            var message = $"{e.GetType().Name} at or after {_processor.Registers.Rip:x}: {e.Message}";
            _processor.Dispose();
            _processor = Create();
            _granted.Clear();
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

    private void Restore()
    {
        for (var page = 0; page < _before.Length; page += 4096)
        {
            var now = new Span<byte>(_memory + page, 4096);
            var before = _before.AsSpan(page, 4096);
            if (now.SequenceEqual(before))
                continue;
            before.CopyTo(now);
            _processor.ForgetCode((ulong)page, 4096); // in case it has changed itself
        }
    }

    private string? RunOnce(ulong start)
    {
        if (_mode == ManagedMode.ByFaults)
            _processor.SetAllRights(AccessRight.None);
        ref var registers = ref _processor.Registers;
        registers.Rip = start;
        registers.Rflags = 2;
        registers.Mxcsr = 0x1F80;
        registers.FsBase = Layout.FsBase;
        registers.GsBase = Layout.GsBase;
        var limit = _processor.Count + 1_000_000;
        var faults = 0;
        _granted.Clear();
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
                    Faults++;
                    if (!IsInTable(exit.Access))
                        return $"fault at {registers.Rip:x} for {exit.Access}, which is not in the operand table";
                    if (faults == 0 && _random.OneIn(4))
                        TakeBack();
                    Grant(exit.Access);
                    break;
                default:
                    return $"{exit.Reason} at {registers.Rip:x}, access {exit.Access}: {exit.Message}";
            }
        }
        return $"still running at {registers.Rip:x}";
    }

    // Both backends acquire by the one table: the processor must not ask for what that does not name.
    private bool IsInTable(MemoryAccess fault)
    {
        ref var registers = ref _processor.Registers;
        var code = new ReadOnlySpan<byte>(_memory + registers.Rip, InstructionReader.MaximumLength);
        if (!_reader.TryRead(code, registers.Rip, out var instruction))
            return false;
        Span<MemoryAccess> accesses = stackalloc MemoryAccess[MemoryOperands.MaximumAccesses + 1];
        var count = _table.Get(instruction, registers, accesses);
        accesses[count++] = MemoryOperands.Fetch(instruction);
        foreach (var access in accesses[..count])
        {
            if (access.Address <= fault.Address && access.Address + access.Size >= fault.Address + fault.Size && access.Right >= fault.Right)
                return true;
        }
        return false;
    }

    private void Grant(MemoryAccess access)
    {
        var last = (access.Address + access.Size - 1) >> _pageShift;
        for (var frame = access.Address >> _pageShift; frame <= last; frame++)
        {
            if (_processor.GetRight(frame) < access.Right)
                _processor.SetRight(frame, access.Right);
            _granted.Add(frame);
        }
    }

    private void TakeBack()
    {
        foreach (var frame in _granted)
            _processor.SetRight(frame, _random.OneIn(3) && _processor.GetRight(frame) != AccessRight.None ? AccessRight.Read : AccessRight.None);
        _granted.RemoveWhere(frame => _processor.GetRight(frame) == AccessRight.None);
    }
}

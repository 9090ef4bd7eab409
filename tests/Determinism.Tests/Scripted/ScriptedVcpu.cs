using System.Buffers.Binary;

namespace Determinism.Tests.Scripted;

internal enum VcpuExit
{
    Stopped,
    Host,
    Fault,
    Operation,
}

/// <summary>A vCPU that goes through a program of accesses under enforced rights.</summary>
internal sealed class ScriptedVcpu
{
    public const int StateBytes = 32;

    private readonly ScriptProgram _program;
    private readonly ScriptOp[] _ops;
    private readonly ScriptedBackend _backend;
    private readonly Hazards _hazards;
    private readonly MemoryAccess[] _faulting = new MemoryAccess[4];
    private SplitMix _random;
    private int _index;
    private int _round;
    private ulong _retired;
    private ulong _polls;
    private int _kicked;
    private int _faultCount;
    private int _faultsHere;
    private ulong _faultsAt = ulong.MaxValue;
    private volatile ScriptOp? _underWay;

    public ScriptedVcpu(int id, ScriptProgram program, ScriptedBackend backend, Hazards hazards)
    {
        Id = id;
        _program = program;
        _ops = program.Vcpus[id];
        _backend = backend;
        _hazards = hazards;
        _random = new SplitMix(hazards.Seed + (ulong)id);
        Accumulator = SplitMix.Mix((ulong)id + 1);
    }

    public int Id { get; }

    /// <summary>Hashed over all that was read: an order that differs shows.</summary>
    public ulong Accumulator { get; private set; }

    public AgentSession? Agent { get; set; }

    /// <summary>The operation that it left for.</summary>
    public ScriptOp Operation { get; private set; } = new(OpKind.End);

    /// <summary>The accesses of the instruction that faulted.</summary>
    public ReadOnlySpan<MemoryAccess> Faulting => _faulting.AsSpan(0, _faultCount);

    /// <summary>The most faults that one instruction took (law L5).</summary>
    public int MostFaults { get; private set; }

    public ulong Instructions => _retired;

    public ExecutionPoint Point => new(
        _backend.Capabilities.Clock switch
        {
            ClockKind.RetiredInstructions => _retired,
            ClockKind.SoftwareCounter => _polls,
            _ => 0,
        },
        (ulong)_index, (ulong)_round, 0);

    public void Kick() => Volatile.Write(ref _kicked, 1);

    public void Take(ulong value) => Accumulator = SplitMix.Mix(Accumulator, value);

    /// <summary>Runs until it has to leave. Whatever it leaves for, a kick is used up.</summary>
    public VcpuExit Run(RunSlice slice)
    {
        VcpuExit exit = RunInside(slice.StopAt);
        Interlocked.Exchange(ref _kicked, 0);
        return exit;
    }

    public int Capture(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, _index);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], _round);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], _polls);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Accumulator);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], _retired);
        return StateBytes;
    }

    /// <summary>Whether the instruction under way needs more of a frame than what is about to be left.</summary>
    public bool IsTouching(ulong frame, AccessRight left) => _underWay is { } op
        && Array.Exists(op.Words, word => _program.Shape.FrameOf(word.Address) == frame && word.Right > left);

    private VcpuExit RunInside(ulong stopAt)
    {
        bool stopsAnywhere = _backend.Capabilities.Clock == ClockKind.RetiredInstructions;
        while (true)
        {
            if (stopsAnywhere && (_retired >= stopAt || Volatile.Read(ref _kicked) != 0))
                return VcpuExit.Stopped;
            if (Happens(_hazards.HostExitOneIn))
                return VcpuExit.Host;
            ScriptOp op = _round == _program.Rounds ? new ScriptOp(OpKind.End) : _ops[_index];
            switch (op.Kind)
            {
                case OpKind.Access:
                    if (!TryAccess(op))
                        return VcpuExit.Fault;
                    Retire();
                    break;
                case OpKind.Poll:
                    Retire();
                    _polls++;
                    if (_backend.Capabilities.Clock == ClockKind.SoftwareCounter
                        && (_polls >= stopAt || Volatile.Read(ref _kicked) != 0))
                        return VcpuExit.Stopped;
                    break;
                default:
                    Retire();
                    Operation = op;
                    return VcpuExit.Operation;
            }
        }
    }

    private bool Happens(int oneIn) => oneIn > 0 && _random.OneIn(oneIn);

    private void Retire()
    {
        _retired++;
        if (_round < _program.Rounds && ++_index == _ops.Length)
        {
            _index = 0;
            _round++;
        }
    }

    private bool TryAccess(ScriptOp op)
    {
        if (Happens(_hazards.LostProtectionOneIn))
            _backend.Rights.LoseProtection(Id, _program.Shape.FrameOf(op.Words[0].Address));
        _underWay = op;
        foreach (WordAccess word in op.Words)
        {
            if (_backend.Rights.Get(Id, _program.Shape.FrameOf(word.Address)) < word.Right)
            {
                _underWay = null;
                TellFault(op, word);
                return false;
            }
        }
        if (Happens(_hazards.YieldOneIn))
            Thread.Sleep(0);
        foreach (WordAccess word in op.Words)
            Access(word);
        _underWay = null;
        return true;
    }

    private void TellFault(ScriptOp op, WordAccess refused)
    {
        _faultCount = 0;
        foreach (WordAccess word in op.Words)
        {
            _faulting[_faultCount++] = word.ToMemoryAccess();
            if (_hazards.TellsFirstOnly && word == refused)
                break;
        }
        _faultsHere = _faultsAt == _retired ? _faultsHere + 1 : 1;
        _faultsAt = _retired;
        MostFaults = Math.Max(MostFaults, _faultsHere);
    }

    private void Access(WordAccess word)
    {
        if (_backend.Trace is not { } trace)
        {
            Perform(word);
            return;
        }
        lock (trace.Lock)
        {
            Perform(word);
            trace.Add(new TracedAccess(
                Id, Agent!.CompletedEvents, _program.Shape.FrameOf(word.Address), word.IsWrite));
        }
    }

    private void Perform(WordAccess word)
    {
        if (word.IsWrite)
        {
            Accumulator = SplitMix.Mix(Accumulator);
            _backend.Memory.Write(word.Address, Accumulator);
        }
        else
        {
            Take(_backend.Memory.Read(word.Address));
        }
    }
}

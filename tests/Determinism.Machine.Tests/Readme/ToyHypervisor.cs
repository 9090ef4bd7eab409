using System.Buffers.Binary;

namespace Determinism.Machine.Tests.Readme;

/// <summary>Why a toy vCPU left its guest.</summary>
internal sealed class ToyExit
{
    public ExitKind Kind { get; init; }

    public MemoryAccess[] Accesses { get; init; } = [];

    public bool IsFault => Kind == ExitKind.Fault;

    public bool IsClockRead { get; init; }

    public bool IsHalt { get; init; }

    public Action<ulong> OnResult { get; init; } = static _ => { };

    public ulong Result
    {
        set => OnResult(value);
    }
}

/// <summary>Interrupts that come now and then, to whoever asks.</summary>
internal sealed class ToyInterrupts
{
    private int _asked;

    public bool IsDue => Interlocked.Increment(ref _asked) % 3 == 0;

    public int Delivered { get; private set; }

    public void Deliver(AgentSession vcpu) => Delivered += vcpu.Id + 1;
}

/// <summary>The smallest hypervisor that can be recorded: each vCPU adds to shared words and reads the clock now and
/// then; its whole state is a count and a sum.</summary>
internal sealed class ToyHypervisor(int vcpus) : IVmBackend
{
    public const ulong MemoryBytes = 4 * 4096;

    private const ulong Steps = 3000;
    private const ulong ClockEvery = 500;

    private readonly byte[] _memory = new byte[MemoryBytes];
    private readonly AccessRight[,] _rights = new AccessRight[vcpus, 4];
    private readonly ulong[] _counts = new ulong[vcpus];
    private readonly ulong[] _sums = new ulong[vcpus];
    private readonly int[] _asked = new int[vcpus];

    public BackendCapabilities Capabilities { get; } = new()
    {
        Identity = "toy", ProcessorIdentity = "toy", Clock = ClockKind.RetiredInstructions,
        CanProtectFrames = true, CanStopVcpu = true,
    };

    public int StateBytes => sizeof(ulong);

    public ReadOnlySpan<byte> Memory => _memory;

    public IReadOnlyList<ulong> Sums => _sums;

    public ToyExit Run(int vcpu, ulong stopAt)
    {
        while (true)
        {
            if (_counts[vcpu] >= stopAt || Interlocked.Exchange(ref _asked[vcpu], 0) != 0)
                return new ToyExit { Kind = ExitKind.Stopped };
            // An exit by an instruction comes after it has been counted.
            if (_counts[vcpu]++ == Steps)
                return new ToyExit { Kind = ExitKind.Synchronous, IsHalt = true };
            if (_counts[vcpu] % ClockEvery == 0)
            {
                return new ToyExit
                {
                    Kind = ExitKind.Synchronous, IsClockRead = true, OnResult = value => _sums[vcpu] += value,
                };
            }
            ulong address = (_counts[vcpu] / 100 % 4 * 4096) + 8;
            if (_rights[vcpu, address >> 12] != AccessRight.ReadWrite)
            {
                _counts[vcpu]--;
                return new ToyExit
                {
                    Kind = ExitKind.Fault, Accesses = [new MemoryAccess(address, 8, AccessRight.ReadWrite)],
                };
            }
            Span<byte> word = _memory.AsSpan((int)address, 8);
            _sums[vcpu] = (_sums[vcpu] * 31) + BinaryPrimitives.ReadUInt64LittleEndian(word);
            BinaryPrimitives.WriteUInt64LittleEndian(word, _sums[vcpu] + (ulong)vcpu + 1);
        }
    }

    public void SetRight(int vcpu, ulong frame, AccessRight right) => _rights[vcpu, frame] = right;

    public void SetAllRights(AccessRight right)
    {
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
            for (ulong frame = 0; frame < 4; frame++)
                SetRight(vcpu, frame, right);
    }

    public void RequestExit(int vcpu) => Interlocked.Exchange(ref _asked[vcpu], 1);

    public ExecutionPoint ReadPoint(int vcpu) => new(_counts[vcpu], 0, 0, 0);

    public int CaptureState(int vcpu, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, _sums[vcpu]);
        return sizeof(ulong);
    }

    public void ReadMemory(ulong address, Span<byte> destination) =>
        _memory.AsSpan((int)address, destination.Length).CopyTo(destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => source.CopyTo(_memory.AsSpan((int)address));
}

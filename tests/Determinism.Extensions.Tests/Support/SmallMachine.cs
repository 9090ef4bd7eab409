using System.Buffers.Binary;

namespace Determinism.Extensions.Tests.Support;

/// <summary>The smallest machine with an exit loop: each vCPU adds to words of shared frames, reads the clock, and is
/// interrupted now and then. Its whole state is a count and a sum.</summary>
internal sealed class SmallMachine(int vcpus) : IVmBackend
{
    public const string Guest = "small";

    private const int Frames = 64;
    private const int FrameBytes = 4096;
    private const ulong Steps = 3000;
    private const ulong ClockEvery = 10;
    private const uint ClockCode = 1;

    private readonly byte[] _memory = new byte[Frames * FrameBytes];
    private readonly AccessRight[,] _rights = new AccessRight[vcpus, Frames];
    private readonly ulong[] _counts = new ulong[vcpus];
    private readonly ulong[] _sums = new ulong[vcpus];
    private readonly int[] _asked = new int[vcpus];
    private int _clock;
    private int _faults;
    private int _inputs;
    private int _interrupts;

    public MachineShape Shape { get; } = new() { VcpuCount = vcpus, MemoryBytes = Frames * FrameBytes };

    public BackendCapabilities Capabilities { get; init; } = new()
    {
        Identity = "small", ProcessorIdentity = "small", Clock = ClockKind.RetiredInstructions,
        CanProtectFrames = true, CanStopVcpu = true,
    };

    /// <summary>What a vCPU starts its sum from; another one is another guest.</summary>
    public ulong Start { get; init; }

    /// <summary>Called at every exit, on the vCPU's thread.</summary>
    public Action OnExit { get; init; } = static () => { };

    public int StateBytes => sizeof(ulong);

    public IReadOnlyList<ulong> Sums => _sums;

    public int Faults => _faults;

    public int Inputs => _inputs;

    public int Interrupts => _interrupts;

    /// <summary>Runs every vCPU on a thread of its own, to the end, and completes the session.</summary>
    public void Run(ExecutionSession session)
    {
        RunWithoutCompleting(session);
        session.Complete();
    }

    public void RunWithoutCompleting(ExecutionSession session)
    {
        Thread[] threads = [.. Enumerable.Range(0, vcpus).Select(vcpu => new Thread(() => RunGuarded(session, vcpu)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }

    public void SetRight(int vcpu, ulong frame, AccessRight right) => _rights[vcpu, frame] = right;

    public void SetAllRights(AccessRight right)
    {
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
            for (ulong frame = 0; frame < Frames; frame++)
                SetRight(vcpu, frame, right);
    }

    public void RequestExit(int vcpu) => Interlocked.Exchange(ref _asked[vcpu], 1);

    public ExecutionPoint ReadPoint(int vcpu) => new(_counts[vcpu], 0, 0, 0);

    public int CaptureState(int vcpu, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, _sums[vcpu] + Start);
        return sizeof(ulong);
    }

    public void ReadMemory(ulong address, Span<byte> destination) =>
        _memory.AsSpan((int)address, destination.Length).CopyTo(destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => source.CopyTo(_memory.AsSpan((int)address));

    private void RunGuarded(ExecutionSession session, int vcpu)
    {
        try
        {
            RunVcpu(session.Agent(vcpu));
        }
        catch (Exception error)
        {
            session.Fail(error);
        }
    }

    private void RunVcpu(AgentSession vcpu)
    {
        while (vcpu.TryEnter(out RunSlice slice))
        {
            ExitKind exit = RunGuest(vcpu.Id, slice.StopAt);
            vcpu.Exited(exit);
            OnExit();
            if (exit == ExitKind.Fault)
            {
                Interlocked.Increment(ref _faults);
                vcpu.Fault([new MemoryAccess(AddressOf(vcpu.Id), 8, AccessRight.ReadWrite)]);
            }
            else if (_counts[vcpu.Id] > Steps)
                break;
            else if (exit == ExitKind.Synchronous)
            {
                Interlocked.Increment(ref _inputs);
                _sums[vcpu.Id] += vcpu.Input(ClockCode, () => (ulong)Interlocked.Increment(ref _clock));
            }
            if (vcpu.Asynchronous(Interlocked.Increment(ref _clock) % 3 == 0, (ulong)_clock, out ulong value))
            {
                Interlocked.Increment(ref _interrupts);
                _sums[vcpu.Id] ^= value;
            }
        }
        vcpu.End();
    }

    private ExitKind RunGuest(int vcpu, ulong stopAt)
    {
        while (_counts[vcpu] < stopAt && Interlocked.Exchange(ref _asked[vcpu], 0) == 0)
        {
            ulong address = AddressOf(vcpu);
            bool isService = _counts[vcpu] == Steps || (_counts[vcpu] + 1) % ClockEvery == 0;
            if (!isService && _rights[vcpu, address / FrameBytes] != AccessRight.ReadWrite)
                return ExitKind.Fault;
            // An exit by an instruction comes after it has been counted.
            _counts[vcpu]++;
            if (isService)
                return ExitKind.Synchronous;
            Span<byte> word = _memory.AsSpan((int)address, 8);
            _sums[vcpu] = (_sums[vcpu] * 31) + BinaryPrimitives.ReadUInt64LittleEndian(word);
            BinaryPrimitives.WriteUInt64LittleEndian(word, _sums[vcpu] + (ulong)vcpu + 1);
        }
        return ExitKind.Stopped;
    }

    private ulong AddressOf(int vcpu) => (_counts[vcpu] / 20 % Frames * FrameBytes) + 8;
}

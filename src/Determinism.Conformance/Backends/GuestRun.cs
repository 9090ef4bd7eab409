using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Determinism.Conformance;

/// <summary>A machine under test with the hands that an exit loop and a session would have.</summary>
internal sealed class GuestRun(
    IMachineUnderTest machine, int pageShift, ulong firstDataFrame, int dataFrames, TimeSpan patience) : IDisposable
{
    private const int MostIdleExits = 10_000;

    private readonly Dictionary<(int Vcpu, ulong Frame), AccessRight> _rights = [];
    private readonly ConcurrentDictionary<int, bool> _asked = [];
    private readonly ConcurrentDictionary<int, bool> _inside = [];
    private volatile bool _isOver;

    public IVmBackend Backend => machine.Backend;

    /// <summary>Faults on frames of data.</summary>
    public List<GuestExit> DataFaults { get; } = [];

    /// <summary>Runs to the next exit that is not the host's, granting whatever is no data: code, stacks.</summary>
    public GuestExit Run(int vcpu = 0, ulong stopAt = RunSlice.Unlimited)
    {
        for (int idle = 0; idle < MostIdleExits; idle++)
        {
            GuestExit exit = RunOnce(vcpu, stopAt);
            if (exit.Kind != ExitKind.Host && (exit.Kind != ExitKind.Fault || !Grant(vcpu, exit, isData: false)))
            {
                _asked.TryRemove(vcpu, out _);
                return exit;
            }
            // That exit may have used a request up, and what was asked for is still wanted: a session would stop it too.
            if (_asked.ContainsKey(vcpu))
                stopAt = Math.Min(stopAt, Point(vcpu).Count + 1);
        }
        throw new TimeoutException($"vCPU {vcpu} left {MostIdleExits} times without getting on.");
    }

    /// <summary>Runs to the next exit, whatever it is.</summary>
    public GuestExit RunOnce(int vcpu, ulong stopAt = RunSlice.Unlimited)
    {
        _inside[vcpu] = true;
        try
        {
            return _isOver
                ? throw new OperationCanceledException($"vCPU {vcpu} was to run on when its fact was over.")
                : machine.Run(vcpu, new RunSlice(stopAt));
        }
        finally
        {
            _inside.TryRemove(vcpu, out _);
        }
    }

    public void Answer(int vcpu, ulong value) => machine.Answer(vcpu, value);

    /// <summary>As <see cref="Run"/>, granting data too, to the next exit that the guest or its clock wants.</summary>
    public GuestExit RunThroughFaults(int vcpu = 0, ulong stopAt = RunSlice.Unlimited)
    {
        for (int faults = 0; faults < MostIdleExits; faults++)
        {
            GuestExit exit = Run(vcpu, stopAt);
            if (exit.Kind != ExitKind.Fault)
                return exit;
            DataFaults.Add(exit);
            Assert.True(Grant(vcpu, exit, isData: true), $"vCPU {vcpu} faults on what it may access.");
        }
        throw new TimeoutException($"vCPU {vcpu} faulted {MostIdleExits} times without getting on.");
    }

    /// <summary>As <see cref="Run"/>, with rights to everything.</summary>
    public GuestExit RunFree(int vcpu = 0, ulong stopAt = RunSlice.Unlimited)
    {
        GuestExit exit = Run(vcpu, stopAt);
        Assert.True(exit.Kind != ExitKind.Fault, $"vCPU {vcpu} faults with rights to everything.");
        return exit;
    }

    /// <summary>Runs to the end of the program; every input is answered with the number of the answer.</summary>
    public void Finish(int vcpu = 0)
    {
        ulong answers = 0;
        while (RunThroughFaults(vcpu) is var exit && exit.Code != GuestExit.End)
        {
            if (exit.Kind == ExitKind.Synchronous)
                Answer(vcpu, ++answers);
        }
    }

    /// <summary>Runs on a thread of its own, within the patience.</summary>
    public GuestExit RunAside(int vcpu, ulong stopAt = RunSlice.Unlimited)
    {
        Task<GuestExit> run = Aside.Run(() => Run(vcpu, stopAt));
        Aside.Finish(patience, $"vCPU {vcpu}", run);
        return run.Result;
    }

    /// <summary>Asks the vCPU to leave, as a session does: until <see cref="Run"/> has returned once more.</summary>
    public void Ask(int vcpu)
    {
        _asked[vcpu] = true;
        Backend.RequestExit(vcpu);
    }

    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        lock (_rights)
            _rights[(vcpu, frame)] = right;
        Backend.SetRight(vcpu, frame, right);
    }

    public ulong Read(ulong address)
    {
        Span<byte> bytes = stackalloc byte[8];
        Backend.ReadMemory(address, bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public void Write(ulong address, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Backend.WriteMemory(address, bytes);
    }

    /// <summary>The vCPU's state, as a digest would take it.</summary>
    public byte[] State(int vcpu = 0)
    {
        var state = new byte[Backend.StateBytes];
        int written = Backend.CaptureState(vcpu, state);
        return state.AsSpan(0, written).ToArray();
    }

    public ExecutionPoint Point(int vcpu = 0) => Backend.ReadPoint(vcpu);

    /// <summary>Whether an exit's accesses say that a frame is needed with at least a right.</summary>
    public bool Tells(GuestExit exit, ulong frame, AccessRight right)
    {
        foreach (MemoryAccess access in exit.Accesses.ToArray())
        {
            if (access.Address >> pageShift <= frame && (access.Address + access.Size - 1) >> pageShift >= frame
                && access.Right >= right)
                return true;
        }
        return false;
    }

    /// <summary>Lets no vCPU in any more, and makes those leave that are inside. Any thread.</summary>
    public void GiveUp()
    {
        _isOver = true;
        foreach (int vcpu in _inside.Keys)
        {
            Backend.RequestExit(vcpu);
            (Backend as IForcedExit)?.ForceExit(vcpu);
        }
    }

    /// <summary>Disposes of the machine when no vCPU is inside. Where one does not leave, a fact has failed already, and the
    /// machine goes with the process: its memory must not go from under a vCPU.</summary>
    public void Dispose()
    {
        GiveUp();
        if (SpinWait.SpinUntil(() => _inside.IsEmpty, patience))
            machine.Dispose();
    }

    /// <summary>Grants the frames of a fault that are data, or those that are not. True: there was one to grant.</summary>
    private bool Grant(int vcpu, GuestExit fault, bool isData)
    {
        bool isGranted = false;
        foreach (MemoryAccess access in fault.Accesses.ToArray())
        {
            for (ulong frame = access.Address >> pageShift;
                frame <= (access.Address + access.Size - 1) >> pageShift; frame++)
            {
                if (frame - firstDataFrame < (ulong)dataFrames != isData)
                    continue;
                AccessRight held;
                lock (_rights)
                    _rights.TryGetValue((vcpu, frame), out held);
                if (held >= access.Right)
                    continue;
                SetRight(vcpu, frame, access.Right);
                isGranted = true;
            }
        }
        return isGranted;
    }
}

namespace Determinism.Conformance.Tests;

/// <summary>Mistakes that a backend's author could make.</summary>
public enum MachineFlaw
{
    ClaimsTooMuch,
    ChangesItsName,
    RefusesItself,
    TearsWritesAtFrames,
    CachesMemory,
    AnswersWrongly,
    LosesExits,
    FaultsForNothing,
    MovesWhenLookedAt,
    WrapsItsCount,
    CapturesThePlaceOnly,
    CapturesTheHost,
    HasOnePointForAll,
    IsDisposedOfOnce,
    StartsDirty,
    IgnoresForce,
    LosesForceOutside,
    ReadsWithoutRight,
    WritesWithRightToRead,
    AsksForReadingOnly,
    CountsFaults,
    TellsOneFrameOfTwo,
    SharesRights,
    ProtectsPairsOfFrames,
    ReducesLater,
    IgnoresReductions,
    LeavesReaders,
    ReducesToNothing,
    SetsAllRightsOnce,
    ChecksTheMonitor,
    IgnoresRequests,
    LosesRequestsOutside,
    KeepsRequests,
    StopsEverybody,
    StopsOneLate,
    IgnoresStopsBehind,
    RemembersStops,
    RunsOneAtATime,
    WritesBeforeItFaults,
    IgnoresStops,
    WaitsForTheExit,
    CountsBranches,
    LeavesSpecificationsOut,
}

/// <summary>The scripted machine with one mistake around it.</summary>
internal class BrokenMachine : IMachineUnderTest, IVmBackend
{
    private static int s_machines;

    private readonly ScriptedMachine _inner;
    private readonly int _machine = Interlocked.Increment(ref s_machines);
    private readonly int _vcpus;
    private readonly int _pageShift;
    private readonly bool[] _isInside;
    private readonly int[] _stops;
    private readonly int[] _requests;
    private readonly Dictionary<(int, ulong), AccessRight> _rights = [];
    private readonly List<(int Vcpu, Action Change)> _late = [];
    private readonly object _turn = new();
    private int _exits;
    private int _looks;
    private int _faults;
    private int _lastVcpu;
    private bool _hasRun;
    private bool _isDisposed;
    private bool _hasSetAll;

    public BrokenMachine(MachineFlaw flaw, ConformanceProgram program, ClockKind clock, ulong data, int pageShift = 12)
    {
        Flaw = flaw;
        _pageShift = pageShift;
        _inner = new ScriptedMachine(program, clock, pageShift: pageShift);
        _vcpus = program.Vcpus.Count;
        _isInside = new bool[_vcpus];
        _stops = new int[_vcpus];
        _requests = new int[_vcpus];
        if (flaw == MachineFlaw.StartsDirty)
            _inner.WriteMemory(data + (1UL << pageShift), [1]);
    }

    public IVmBackend Backend => this;

    public BackendCapabilities Capabilities => Flaw switch
    {
        MachineFlaw.ClaimsTooMuch => _inner.Capabilities with { Clock = ClockKind.RetiredInstructions, CanProtectFrames = true,
            CanStopVcpu = true },
        MachineFlaw.CountsBranches => _inner.Capabilities with { Clock = ClockKind.HardwareBranches },
        MachineFlaw.ChangesItsName => _inner.Capabilities with { Identity = $"machine {_machine}" },
        _ => _inner.Capabilities,
    };

    public int StateBytes => _inner.StateBytes;

    protected MachineFlaw Flaw { get; }

    public GuestExit Run(int vcpu, RunSlice slice)
    {
        _hasRun = true;
        _lastVcpu = vcpu;
        if (Flaw == MachineFlaw.RunsOneAtATime)
            Monitor.Enter(_turn);
        GuestExit exit;
        _isInside[vcpu] = true;
        try
        {
            exit = RunInside(vcpu, slice.StopAt);
        }
        finally
        {
            _isInside[vcpu] = false;
            Interlocked.Increment(ref _exits);
            if (Flaw == MachineFlaw.RunsOneAtATime)
                Monitor.Exit(_turn);
        }
        lock (_late)
        {
            foreach ((int loser, Action change) in _late)
            {
                if (loser == vcpu)
                    change();
            }
            _late.RemoveAll(one => one.Vcpu == vcpu);
        }
        return exit;
    }

    public void Answer(int vcpu, ulong value) =>
        _inner.Answer(vcpu, Flaw == MachineFlaw.AnswersWrongly ? value + 1 : value);

    public void SetRight(int vcpu, ulong frame, AccessRight right)
    {
        AccessRight before;
        lock (_rights)
        {
            _rights.TryGetValue((vcpu, frame), out before);
            _rights[(vcpu, frame)] = right;
        }
        switch (Flaw)
        {
            case MachineFlaw.ReadsWithoutRight when right == AccessRight.None:
                right = AccessRight.Read;
                break;
            case MachineFlaw.WritesWithRightToRead when right == AccessRight.Read:
                right = AccessRight.ReadWrite;
                break;
            case MachineFlaw.SharesRights:
                for (int other = 0; other < _vcpus; other++)
                    _inner.SetRight(other, frame, right);
                return;
            case MachineFlaw.ProtectsPairsOfFrames:
                _inner.SetRight(vcpu, frame ^ 1, right);
                break;
            case MachineFlaw.ReducesLater when right < before:
                lock (_late)
                    _late.Add((vcpu, () => _inner.SetRight(vcpu, frame, right)));
                return;
            case MachineFlaw.IgnoresReductions when right < before:
            case MachineFlaw.LeavesReaders when right < before && before == AccessRight.Read:
                return;
            case MachineFlaw.ReducesToNothing when right == AccessRight.Read && before == AccessRight.ReadWrite:
                right = AccessRight.None;
                break;
        }
        _inner.SetRight(vcpu, frame, right);
    }

    public void SetAllRights(AccessRight right)
    {
        if (Flaw == MachineFlaw.FaultsForNothing && right == AccessRight.ReadWrite)
            right = AccessRight.Read;
        if (Flaw == MachineFlaw.ReadsWithoutRight && right == AccessRight.None)
            right = AccessRight.Read;
        if (Flaw == MachineFlaw.SetsAllRightsOnce && _hasSetAll)
            return;
        _hasSetAll = true;
        _inner.SetAllRights(right);
    }

    public void RequestExit(int vcpu)
    {
        switch (Flaw)
        {
            case MachineFlaw.IgnoresRequests:
            case MachineFlaw.LosesRequestsOutside when !_isInside[vcpu]:
                LeaveLater(vcpu);
                return;
            case MachineFlaw.WaitsForTheExit:
                int exits = Volatile.Read(ref _exits);
                _inner.RequestExit(vcpu);
                Hang.While(() => Volatile.Read(ref _exits) == exits);
                return;
            case MachineFlaw.KeepsRequests:
                Interlocked.Add(ref _requests[vcpu], 2);
                break;
            case MachineFlaw.StopsEverybody:
                for (int other = 0; other < _vcpus; other++)
                    _inner.RequestExit(other);
                return;
        }
        _inner.RequestExit(vcpu);
    }

    public ExecutionPoint ReadPoint(int vcpu)
    {
        ExecutionPoint point = _inner.ReadPoint(Flaw == MachineFlaw.HasOnePointForAll ? _lastVcpu : vcpu);
        return Flaw switch
        {
            MachineFlaw.MovesWhenLookedAt => point with { StackPointer = (ulong)++_looks },
            MachineFlaw.WrapsItsCount => point with { Count = point.Count & 15 },
            MachineFlaw.CountsFaults => point with { Count = point.Count + (ulong)_faults },
            _ => point,
        };
    }

    public int CaptureState(int vcpu, Span<byte> destination)
    {
        int written = _inner.CaptureState(vcpu, destination);
        switch (Flaw)
        {
            case MachineFlaw.CapturesThePlaceOnly:
                return 8;
            case MachineFlaw.CapturesTheHost:
                destination[0] ^= (byte)_machine;
                break;
            case MachineFlaw.RemembersStops:
                destination[written - 1] = (byte)(_stops[vcpu] == 0 ? 0 : 1 + (_stops[vcpu] % 255));
                break;
        }
        return written;
    }

    public void ReadMemory(ulong address, Span<byte> destination) => _inner.ReadMemory(address, destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source)
    {
        if (Flaw == MachineFlaw.CachesMemory && _hasRun)
            return;
        if (Flaw == MachineFlaw.ChecksTheMonitor)
        {
            lock (_rights)
            {
                if (_rights.TryGetValue((0, address >> _pageShift), out AccessRight right) && right != AccessRight.ReadWrite)
                    return;
            }
        }
        if (Flaw == MachineFlaw.TearsWritesAtFrames)
            source = source[..Math.Min(source.Length, (1 << _pageShift) - (int)(address & ((1UL << _pageShift) - 1)))];
        _inner.WriteMemory(address, source);
    }

    public void Dispose()
    {
        if (Flaw == MachineFlaw.IsDisposedOfOnce && _isDisposed)
            throw new InvalidOperationException("It is gone.");
        _isDisposed = true;
        _inner.Dispose();
    }

    protected void Force(int vcpu)
    {
        if (Flaw == MachineFlaw.IgnoresForce || (Flaw == MachineFlaw.LosesForceOutside && !_isInside[vcpu]))
            return;
        _inner.ForceExit(vcpu);
    }

    private GuestExit RunInside(int vcpu, ulong stopAt)
    {
        if (Flaw == MachineFlaw.IgnoresStops)
        {
            LeaveLater(vcpu);
            stopAt = RunSlice.Unlimited;
        }
        if (Flaw == MachineFlaw.StopsOneLate && stopAt < RunSlice.Unlimited)
            stopAt++;
        if (Flaw == MachineFlaw.IgnoresStopsBehind && stopAt <= _inner.ReadPoint(vcpu).Count)
            stopAt = RunSlice.Unlimited;
        if (Flaw == MachineFlaw.KeepsRequests && Volatile.Read(ref _requests[vcpu]) > 0)
        {
            Interlocked.Decrement(ref _requests[vcpu]);
            _inner.RequestExit(vcpu);
        }
        GuestExit exit = _inner.Run(vcpu, new RunSlice(stopAt));
        switch (exit.Kind)
        {
            case ExitKind.Stopped:
                _stops[vcpu]++;
                break;
            case ExitKind.Synchronous when Flaw == MachineFlaw.LosesExits && exit.Code == 2:
                return RunInside(vcpu, stopAt);
            case ExitKind.Fault:
                _faults++;
                return Fault(exit);
        }
        return exit;
    }

    // What nothing stops would go on for ever.
    private void LeaveLater(int vcpu) => Task.Delay(Hang.Length).ContinueWith(_ => _inner.ForceExit(vcpu), TaskScheduler.Default);

    private GuestExit Fault(GuestExit exit)
    {
        MemoryAccess access = exit.Accesses.Span[0];
        switch (Flaw)
        {
            case MachineFlaw.AsksForReadingOnly:
                // Only where that is the mistake of this one exit: else nobody would get on.
                return _faults == 1 ? exit with { Accesses = new[] { access with { Right = AccessRight.Read } } } : exit;
            case MachineFlaw.TellsOneFrameOfTwo:
                return exit with { Accesses = new[] { access with { Size = 1 } } };
            case MachineFlaw.WritesBeforeItFaults when access.Right == AccessRight.ReadWrite:
                Span<byte> word = stackalloc byte[8];
                _inner.ReadMemory(access.Address, word);
                word[0]++;
                _inner.WriteMemory(access.Address, word);
                break;
        }
        return exit;
    }
}

/// <summary>One that can be forced.</summary>
internal sealed class BrokenForcedMachine(MachineFlaw flaw, ConformanceProgram program, ulong data)
    : BrokenMachine(flaw, program, ClockKind.SoftwareCounter, data), IForcedExit
{
    public void ForceExit(int vcpu) => Force(vcpu);
}

/// <summary>One that says that it cannot be replayed.</summary>
internal sealed class RefusingMachine(ConformanceProgram program, ClockKind clock, ulong data)
    : BrokenMachine(MachineFlaw.RefusesItself, program, clock, data), IPreflightCheck
{
    public IReadOnlyList<string> FindObstacles() => ["Its clock does not count."];
}

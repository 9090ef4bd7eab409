using System.IO.Hashing;
using Determinism.Log;
using Determinism.Sessions;

namespace Determinism;

/// <summary>One agent of a session: what a vCPU's exit loop, or a device's thread, calls. The same calls in the same order
/// record and replay.</summary>
/// <remarks>
/// All members are called from the agent's own thread, except <see cref="Wake"/>. A vCPU's loop is: <see cref="TryEnter"/>,
/// run the guest up to the slice's end, <see cref="Exited"/>, handle the exit, <see cref="Asynchronous"/>, and again. A vCPU
/// may go to another thread at <see cref="TryEnter"/>. A call in the wrong order, from the wrong thread, or after the end is
/// a <see cref="ProtocolMisuseException"/>.
/// </remarks>
public abstract class AgentSession
{
    private const int LargestHashedFrame = 1 << 16;

    private protected readonly EventHistory History = new();
    private protected RunningDigest Digest;
    private protected ulong ExitCount;
    private protected PlaceKind Place = PlaceKind.Count;
    private protected ulong Position;
    private protected ExitKind LastExit = ExitKind.Stopped;
    private readonly byte[] _state;
    private readonly FrameCollector _frames;
    private byte[]? _frame;
    private PlaceKind _mixedPlace = PlaceKind.Same;
    private ulong _mixedPosition;
    private ulong _preparedState;
    private bool _isPrepared;
    private AgentProtocol _protocol;
    private bool _isAtFault;
    private long _spans;
    private bool _isSpanOpen;

    private protected AgentSession(ExecutionSession session, int id)
    {
        Session = session;
        Id = id;
        IsVcpu = id < session.Shape.VcpuCount;
        _frames = new FrameCollector(session.Shape, session.Scope);
        _state = IsVcpu ? new byte[session.Backend.StateBytes] : [];
    }

    /// <summary>The agent's number.</summary>
    public int Id { get; }

    /// <summary>Whether it is a vCPU.</summary>
    public bool IsVcpu { get; }

    /// <summary>Where it is: at its last exit, or at its current operation.</summary>
    public ExecutionPoint Point { get; private protected set; }

    /// <summary>Number of its latest completed event.</summary>
    public abstract ulong CompletedEvents { get; }

    /// <summary>The session that it belongs to.</summary>
    public ExecutionSession Session { get; }

    internal IVmBackend Backend => Session.Backend;

    /// <summary>Whether something was due at the last exit that could not arrive there.</summary>
    private protected bool IsDue { get; private set; }

    /// <summary>Whether the agent stands where an event can be named (law L7).</summary>
    private protected bool IsNamed => LastExit switch
    {
        ExitKind.Host or ExitKind.Fault => false,
        ExitKind.Stopped => !IsVcpu || Session.Clock != ClockKind.None || Point.Count == 0,
        _ => true,
    };

    private protected bool IsByProtection => IsVcpu && Session.Clock == ClockKind.SoftwareCounter;

    private protected bool StopsAnywhere =>
        Session.Clock is ClockKind.RetiredInstructions or ClockKind.HardwareBranches;

    /// <summary>Waits until the vCPU may enter the guest.</summary>
    /// <param name="slice">How far it may run.</param>
    /// <returns>False: the session is over for this vCPU; leave the loop.</returns>
    public bool TryEnter(out RunSlice slice)
    {
        _protocol.Enter(this);
        ThrowIfSpanIsOpen(nameof(TryEnter));
        bool isInside = false;
        slice = default;
        try
        {
            return isInside = OnTryEnter(out slice);
        }
        finally
        {
            _protocol.Entered(isInside);
            Session.Trace?.Call(Id, isInside ? $"TryEnter until {slice.StopAt}" : "TryEnter: no");
        }
    }

    /// <summary>The vCPU has left the guest. Call it first, before the exit is handled.</summary>
    /// <param name="kind">Why, as far as naming the point goes.</param>
    public void Exited(ExitKind kind)
    {
        _protocol.Exit(this);
        ExecutionPoint before = Point;
        Point = Backend.ReadPoint(Id);
        Session.Trace?.Call(Id, $"Exited {kind} at {Point}");
        LastExit = kind;
        _isAtFault = kind == ExitKind.Fault;
        if (kind == ExitKind.Synchronous)
            ExitCount++;
        SetPlace();
        if (Point != before)
            OnMoved();
    }

    /// <summary>Handles an access without the right: acquires all that the instruction needs.</summary>
    /// <param name="accesses">Every access of the instruction, its own bytes included.</param>
    /// <returns>False: the session is over; <see cref="TryEnter"/> will say so too.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An access lies outside of guest memory.</exception>
    /// <exception cref="OwnershipViolationException">An access breaks a promise about frames.</exception>
    /// <exception cref="HandoverTimeoutException">A holder did not answer in time.</exception>
    public bool Fault(ReadOnlySpan<MemoryAccess> accesses)
    {
        _protocol.Act(this, nameof(Fault));
        ThrowIfSpanIsOpen(nameof(Fault));
        ReadOnlySpan<FrameRequest> requests = _frames.Collect(accesses, -1);
        Session.Trace?.Call(Id, "Fault " + Describe(requests));
        if (HoldsAll(requests))
        {
            // A stale protection: apply again. Not a point, since it does not recur.
            foreach (FrameRequest request in requests)
                Reapply(request);
            LastExit = ExitKind.Host;
            return true;
        }
        LastExit = ExitKind.Synchronous;
        ExitCount++;
        SetPlace();
        return Acquire(requests);
    }

    /// <summary>Opens a span of memory, and perhaps of one device's state, for the VMM acting as this agent.</summary>
    /// <param name="accesses">All memory that the span may touch; kept until the span is closed.</param>
    /// <param name="device">Index of the device's pseudo-frame, or -1.</param>
    /// <returns>The span; not open if the session is over.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An access lies outside of guest memory, or there is no such
    /// device.</exception>
    public MemorySpan Open(ReadOnlySpan<MemoryAccess> accesses, int device = -1)
    {
        _protocol.Act(this, nameof(Open));
        ThrowIfSpanIsOpen(nameof(Open));
        ReadOnlySpan<FrameRequest> requests = _frames.Collect(accesses, device);
        Session.Trace?.Call(Id, "Open " + Describe(requests));
        if (!HoldsAll(requests) && !Acquire(requests))
            return default;
        _isSpanOpen = true;
        return new MemorySpan(this, ++_spans, accesses);
    }

    /// <summary>Opens a span of one device's state alone.</summary>
    /// <param name="device">Index of its pseudo-frame.</param>
    public MemorySpan OpenDevice(int device) => Open(default, device);

    /// <summary>Takes a number from outside: a time, a random number, a register of a real device.</summary>
    /// <param name="code">What it is of.</param>
    /// <param name="source">Gets it; called while recording only.</param>
    /// <returns>The number, the same on replay.</returns>
    /// <exception cref="OperationCanceledException">The log of a recording that was cut short ends here, or the session is
    /// over: the agent goes no further.</exception>
    public ulong Input(uint code, Func<ulong> source)
    {
        _protocol.Act(this, nameof(Input));
        ulong value = OnInput(code, Guard.NotNull(source));
        Session.Trace?.Call(Id, $"Input {code}: {value}");
        return value;
    }

    /// <summary>Takes bytes from outside.</summary>
    /// <param name="code">What they are of.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="source">Gets them; called while recording only.</param>
    /// <returns>The number of bytes, the same on replay.</returns>
    /// <exception cref="OperationCanceledException">The log of a recording that was cut short ends here, or the session is
    /// over: the agent goes no further.</exception>
    public int Input(uint code, Span<byte> destination, InputSource source)
    {
        _protocol.Act(this, nameof(Input));
        int length = OnInput(code, destination, Guard.NotNull(source));
        Session.Trace?.Call(Id, $"Input {code}: {length} bytes");
        return length;
    }

    /// <summary>Tells what goes out, so that replay is checked against it.</summary>
    /// <param name="code">What it is of.</param>
    /// <param name="data">The data.</param>
    public void Output(uint code, ReadOnlySpan<byte> data)
    {
        _protocol.Act(this, nameof(Output));
        Digest.Mix(code);
        Digest.Mix(data);
        Session.Trace?.Call(Id, $"Output {code}: {data.Length} bytes");
    }

    /// <summary>Whether something that the agent did not ask for arrives here: an interrupt, a completion, a start. Ask at
    /// every exit and after every wait.</summary>
    /// <remarks>Never at a fault, whose instruction comes first, nor at an exit that the host caused. What is due there is
    /// asked for again soon: the next slice ends after one count. What the guest masks is the caller's to remember.</remarks>
    /// <param name="due">Whether it could arrive now; counts while recording only.</param>
    /// <param name="value">A number to remember with it.</param>
    /// <param name="recorded">The number that was remembered.</param>
    /// <returns>Whether to deliver it now.</returns>
    public bool Asynchronous(bool due, ulong value, out ulong recorded)
    {
        _protocol.Act(this, nameof(Asynchronous));
        recorded = 0;
        bool arrives = !_isAtFault && OnAsynchronous(due, value, out recorded);
        IsDue = due && !arrives;
        if (arrives)
            Session.Trace?.Call(Id, $"Asynchronous: {recorded}");
        return arrives;
    }

    /// <summary>Waits, parked, until somebody calls <see cref="Wake"/>.</summary>
    /// <returns>False: nobody will; end the agent.</returns>
    public bool WaitForWake()
    {
        _protocol.Act(this, nameof(WaitForWake));
        ThrowIfSpanIsOpen(nameof(WaitForWake));
        Session.Trace?.Call(Id, "WaitForWake");
        bool isWoken = OnWaitForWake();
        Session.Trace?.Call(Id, isWoken ? "woken" : "nobody will wake it");
        return isWoken;
    }

    /// <summary>Wakes the agent from its wait, or makes it leave the guest soon. Any thread, at any time; no effect on
    /// replay, nor after <see cref="ExecutionSession.Complete"/> or <see cref="ExecutionSession.Dispose"/>.</summary>
    public void Wake()
    {
        if (!Session.Calls.TryEnter())
            return;
        try
        {
            Session.Trace?.Call(Id, "Wake");
            OnWake();
        }
        finally
        {
            Session.Calls.Leave();
        }
    }

    /// <summary>An agent that is not a vCPU begins its next operation: its point.</summary>
    public void BeginOperation()
    {
        if (IsVcpu)
            throw AgentProtocol.Misuse(this, nameof(BeginOperation), ProtocolMisuse.WrongOrder,
                "a vCPU's points come from its clock");
        _protocol.Act(this, nameof(BeginOperation));
        ThrowIfSpanIsOpen(nameof(BeginOperation));
        FinishPlace();
        Point = new ExecutionPoint(Point.Count + 1, 0, 0, 0);
        SetPlace();
        OnMoved();
    }

    /// <summary>The agent ends. It stays holder of what it holds.</summary>
    public void End()
    {
        _protocol.End(this);
        Session.Trace?.Call(Id, "End");
        OnEnd();
    }

    internal bool IsOpen(long span) => _isSpanOpen && _spans == span;

    internal void CloseSpan(long span)
    {
        if (!IsOpen(span))
            return;
        _isSpanOpen = false;
        Session.Trace?.Call(Id, "Close");
        OnSpanClosed();
    }

    /// <summary>A slice that ends as soon as an instruction has retired, or at the next poll.</summary>
    private protected RunSlice Shorten(RunSlice slice) => new(Math.Min(slice.StopAt, Point.Count + 1));

    private protected void SetPlace()
    {
        // A count that does not move between two synchronous exits does not tell them apart.
        bool isByOrdinal = IsVcpu && !StopsAnywhere && LastExit == ExitKind.Synchronous;
        Place = isByOrdinal ? PlaceKind.Exit : PlaceKind.Count;
        Position = Place == PlaceKind.Exit ? ExitCount : Point.Count;
    }

    /// <summary>Takes a digest of the vCPU's state before somebody else may act on it.</summary>
    private protected void PrepareState()
    {
        if (_mixedPlace == Place && _mixedPosition == Position)
            return;
        _preparedState = CaptureState();
        _isPrepared = true;
    }

    private protected void ForgetPreparedState() => _isPrepared = false;

    /// <summary>Mixes an event into the running digest, with the state that it happened in where that is not in it yet.</summary>
    private protected byte MixEvent(in StreamEvent one, ReadOnlySpan<byte> bytes)
    {
        if (_mixedPlace != Place || _mixedPosition != Position)
        {
            Digest.Mix(_isPrepared ? _preparedState : CaptureState());
            Digest.Mix(Position);
            _mixedPlace = Place;
            _mixedPosition = Position;
        }
        // Of itself a digest says only that it is there, so that a missing one is missed.
        if (one.Kind == EventKind.Digest)
        {
            Digest.Mix((ulong)one.Kind << 56);
            return Digest.Fold();
        }
        Digest.Mix(((ulong)one.Kind << 56) ^ ((ulong)one.NewRight << 48) ^ ((ulong)one.Code << 8) ^ one.Frame);
        if (one.Kind is EventKind.Input or EventKind.Asynchronous)
            Digest.Mix(one.Value);
        if (one.HasBytes)
            Digest.Mix(bytes);
        if (one.Kind == EventKind.Reduction && one.OldRight == AccessRight.ReadWrite)
            MixFrame(one.Frame);
        return Digest.Fold();
    }

    /// <summary>The vCPU's whole state; valid until the next call.</summary>
    private protected ReadOnlySpan<byte> ReadState() =>
        IsVcpu ? _state.AsSpan(0, Backend.CaptureState(Id, _state)) : default;

    private protected abstract bool OnTryEnter(out RunSlice slice);

    private protected abstract ulong OnInput(uint code, Func<ulong> source);

    private protected abstract int OnInput(uint code, Span<byte> destination, InputSource source);

    private protected abstract bool OnAsynchronous(bool due, ulong value, out ulong recorded);

    private protected abstract bool OnWaitForWake();

    internal abstract void OnWake();

    private protected abstract void OnEnd();

    private protected abstract bool Holds(FrameRequest request);

    private protected abstract bool Acquire(ReadOnlySpan<FrameRequest> requests);

    private protected abstract void Reapply(FrameRequest request);

    private protected abstract void OnMoved();

    private protected abstract void OnSpanClosed();

    private protected abstract void FinishPlace();

    private protected bool HoldsAll(ReadOnlySpan<FrameRequest> requests)
    {
        foreach (FrameRequest request in requests)
        {
            if (!Holds(request))
                return false;
        }
        return true;
    }

    private void ThrowIfSpanIsOpen(string call)
    {
        if (_isSpanOpen)
            throw AgentProtocol.Misuse(this, call, ProtocolMisuse.WrongOrder, "a span is open: close it first");
    }

    private ulong CaptureState() => IsVcpu ? XxHash3.HashToUInt64(ReadState()) : 0;

    // The loser had the frame to itself: what it left there follows from its own stream alone.
    private void MixFrame(ulong frame)
    {
        MachineShape shape = Session.Shape;
        int size = 1 << shape.PageShift;
        if (frame >= shape.RamFrameCount || size > LargestHashedFrame)
            return;
        _frame ??= new byte[size];
        ulong address = frame << shape.PageShift;
        Span<byte> content = _frame.AsSpan(0, (int)Math.Min((ulong)size, shape.MemoryBytes - address));
        Backend.ReadMemory(address, content);
        Digest.Mix(content);
    }

    private protected static string Describe(ReadOnlySpan<FrameRequest> requests)
    {
        var parts = new List<string>();
        foreach (FrameRequest request in requests)
            parts.Add($"{request.Right} of frame 0x{request.Frame:X}");
        return string.Join(", ", parts);
    }
}

using Determinism.Log;
using Determinism.Sessions;

namespace Determinism;

/// <summary>One agent of a session: what a vCPU's exit loop, or a device's thread, calls. The same calls in the same order
/// record and replay.</summary>
/// <remarks>
/// <para>A vCPU's loop is: <see cref="TryEnter"/>, run the guest up to the slice's end, <see cref="Exited"/>, handle the
/// exit, <see cref="Asynchronous"/>, and again. A call in the wrong order, from the wrong thread, or after the end is a
/// <see cref="ProtocolMisuseException"/>.</para>
/// <para>Threads. All calls are made on the agent's own thread, except <see cref="Wake"/>: any. A vCPU goes to another thread
/// at <see cref="TryEnter"/>, <see cref="WaitForWake"/> or <see cref="End"/>: whoever makes that call has it from then on, and
/// sees to it that the thread before has made its last. An agent that is no vCPU may hop from call to call.
/// <see cref="Id"/>, <see cref="IsVcpu"/> and <see cref="Session"/> are read from anywhere; so is
/// <see cref="CompletedEvents"/>, which may be a little old. <see cref="Point"/> is exact on the agent's thread and while it
/// waits or has ended; read from elsewhere while it runs, its parts may be of two points: good for a diagnosis at
/// most.</para>
/// </remarks>
public abstract partial class AgentSession
{
    private protected readonly EventHistory History = new();
    private protected ulong ExitCount;
    private protected PlaceKind Place = PlaceKind.Count;
    private protected ulong Position;
    private protected ExitKind LastExit = ExitKind.Stopped;
    private readonly FrameCollector _frames;
    private AgentProtocol _protocol;
    private bool _isAtFault;

    // Of the next slice; 0 if nobody has asked.
    private ulong _mostCounts;
    private long _spans;
    private bool _isSpanOpen;

    private protected AgentSession(ExecutionSession session, int id)
    {
        Session = session;
        Id = id;
        IsVcpu = id < session.Shape.VcpuCount;
        _frames = new FrameCollector(session.Shape, session.Scope, session.HasBaton);
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

    /// <summary>How often the vCPU has left the guest; counted by its own thread alone.</summary>
    internal long Exits { get; private set; }

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
        bool isInside = false;
        slice = default;
        try
        {
            isInside = OnTryEnter(out slice);
            if (_mostCounts != 0 && !KeepsSlices)
                slice = new RunSlice(Math.Min(slice.StopAt, Point.Count + _mostCounts));
            _mostCounts = 0;
            return isInside;
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
        Exits++;
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
        OnExited();
    }

    /// <summary>The vCPU waits for another in a loop of its own, as a PAUSE or a yield tells: whatever others want of it goes
    /// to them first. A parallel recording waits here for up to 0.2 ms, or until it is woken, for others to want anything: before
    /// that, the loop would not see what another vCPU writes. No effect on replay but that of the log.</summary>
    public void GiveWay()
    {
        _protocol.ActWithoutSpan(this, nameof(GiveWay));
        Session.Trace?.Call(Id, nameof(GiveWay));
        OnGiveWay();
    }

    /// <summary>Something waits that cannot arrive yet, and the kick that told of it is used up: the next slice ends after so many
    /// counts at the latest. No effect on replay, where the log says when it arrives.</summary>
    /// <param name="counts">How many; 1 for the next place where the clock can stop.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a single one.</exception>
    public void ReturnSoon(ulong counts)
    {
        Guard.InRange(counts > 0, counts, nameof(counts), "At least one.");
        _protocol.ActWithoutSpan(this, nameof(ReturnSoon));
        Session.Trace?.Call(Id, $"ReturnSoon {counts}");
        _mostCounts = counts;
    }

    /// <summary>Handles an access without the right: acquires all that the instruction needs.</summary>
    /// <param name="accesses">Every access of the instruction, its own bytes included.</param>
    /// <returns>False: the session is over; <see cref="TryEnter"/> will say so too.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An access lies outside of guest memory.</exception>
    /// <exception cref="OwnershipViolationException">An access breaks a promise about frames.</exception>
    /// <exception cref="HandoverTimeoutException">A holder did not answer in time.</exception>
    public bool Fault(ReadOnlySpan<MemoryAccess> accesses)
    {
        _protocol.ActWithoutSpan(this, nameof(Fault));
        ReadOnlySpan<FrameRequest> requests = _frames.Collect(accesses);
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
        _protocol.ActWithoutSpan(this, nameof(Open));
        ReadOnlySpan<FrameRequest> requests = _frames.CollectSpan(accesses, device);
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
        _protocol.Ask(this, nameof(Asynchronous));
        recorded = 0;
        bool arrives = !_isAtFault && OnAsynchronous(due, value, out recorded);
        IsDue = due && !arrives;
        if (arrives)
        {
            _protocol.Arrived();
            Session.Trace?.Call(Id, $"Asynchronous: {recorded}");
        }
        return arrives;
    }

    /// <summary>Waits, parked, until somebody calls <see cref="Wake"/>.</summary>
    /// <remarks>A wait is in the log by what ends it. So after true the next call is <see cref="Asynchronous"/>, and until
    /// that says yes no other follows but this one again, or <see cref="End"/>: anything else is a
    /// <see cref="ProtocolMisuseException"/>, since no replay would come back from the wait.</remarks>
    /// <returns>False: nobody will; end the agent.</returns>
    public bool WaitForWake()
    {
        _protocol.Wait(this);
        Session.Trace?.Call(Id, "WaitForWake");
        bool isWoken = false;
        try
        {
            isWoken = OnWaitForWake();
        }
        finally
        {
            _protocol.Waited(isWoken);
        }
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
        _protocol.ActWithoutSpan(this, nameof(BeginOperation));
        FinishPlace();
        Point = new ExecutionPoint(Point.Count + 1, 0, 0, 0);
        SetPlace();
        OnMoved();
    }

    /// <summary>The agent has come to the end of its work. It stays holder of what it holds.</summary>
    /// <remarks>The end is an event: call this where the loop ends, not in a <c>finally</c>. An agent that fails does not
    /// end; its error is given to <see cref="ExecutionSession.Fail"/>, as <see cref="ExecutionSession.StartAgent"/> does. A
    /// call inside the guest throws nothing, lest it hide such an error: it cancels the session, and
    /// <see cref="ExecutionSession.Complete"/> throws the error, or a <see cref="ProtocolMisuseException"/> if there was
    /// none. After a divergence, or when the session is over, nothing happens.</remarks>
    public void End()
    {
        ProtocolMisuseException? misuse = _protocol.End(this);
        Session.Trace?.Call(Id, "End");
        if (misuse is null)
            OnEnd();
        else
            Session.CancelUnlessFailed(misuse);
    }

    internal bool HasOpenSpan => _isSpanOpen;

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

    /// <summary>Whether slices end where they must, and nowhere else: a poll that traps is seen in the count of
    /// instructions.</summary>
    private protected virtual bool KeepsSlices => false;

    private protected abstract bool OnTryEnter(out RunSlice slice);

    private protected abstract ulong OnInput(uint code, Func<ulong> source);

    private protected abstract int OnInput(uint code, Span<byte> destination, InputSource source);

    private protected abstract bool OnAsynchronous(bool due, ulong value, out ulong recorded);

    private protected abstract bool OnWaitForWake();

    internal abstract void OnWake();

    private protected abstract void OnEnd();

    private protected abstract void OnExited();

    private protected abstract void OnGiveWay();

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

    private protected static string Describe(ReadOnlySpan<FrameRequest> requests)
    {
        var parts = new List<string>();
        foreach (FrameRequest request in requests)
            parts.Add($"{request.Right} of frame 0x{request.Frame:X}");
        return string.Join(", ", parts);
    }
}

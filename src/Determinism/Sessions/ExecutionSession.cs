using Determinism.Diagnostics;
using Determinism.Sessions;

namespace Determinism;

/// <summary>A run of a machine under record or replay: its agents, and how it ends.</summary>
/// <remarks>Thread-safe but for construction, completion and disposal. <see cref="Cancel"/>, <see cref="Fail"/>,
/// <see cref="StopWaiting"/> and <see cref="AgentSession.Wake"/> may be called at any time: <see cref="Complete"/> and
/// <see cref="Dispose"/> wait for those under way, and those that come later do nothing, since the machine may be
/// gone.</remarks>
public abstract class ExecutionSession : IDisposable
{
    // How the session is over; the first one counts.
    private const int EndedEarly = 1;
    private const int HandedOver = 2;

    private Exception? _failure;
    private Exception? _misuseAtEnd;
    private int _over;
    private int _hasEnded;
    private volatile bool _isDisposed;

    private protected ExecutionSession(IVmBackend backend, MachineShape shape, ClockKind clock, OwnershipScope scope,
        ProtocolTrace? trace)
    {
        Trace = trace;
        Backend = backend;
        Shape = shape;
        Clock = clock;
        Scope = scope;
    }

    /// <summary>Raised once, when the session ends: by the first <see cref="Complete"/>, when its work is done or has
    /// failed, or by the first <see cref="Dispose"/>, whichever comes first.</summary>
    /// <remarks>On the thread that made the call. <see cref="Failure"/> and <see cref="Statistics"/> tell how it went; after
    /// a disposal without completion, agents may still be on their way out. A handler must not throw; one added after the
    /// end is never called.</remarks>
    public event Action<ExecutionSession>? Ended;

    /// <summary>The machine's shape.</summary>
    public MachineShape Shape { get; }

    /// <summary>What the clock counts.</summary>
    public ClockKind Clock { get; }

    /// <summary>What one ownership decision covers.</summary>
    public OwnershipScope Scope { get; }

    /// <summary>Whether the machine has been handed over, to go on under another session: agents' loops return, and are run again
    /// under that one.</summary>
    public bool IsHandedOver => Volatile.Read(ref _over) == HandedOver;

    /// <summary>Whether the session has ended early, by <see cref="Cancel"/> or <see cref="Fail"/>, or because the machine was handed
    /// over.</summary>
    public bool IsOver => Volatile.Read(ref _over) != 0;

    /// <summary>The first failure, if there was one; that of <see cref="Complete"/> counts too.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>What happened so far; exact once all agents have ended.</summary>
    public abstract SessionStatistics Statistics { get; }

    internal IVmBackend Backend { get; }

    internal ProtocolTrace? Trace { get; }

    internal bool IsDisposed => _isDisposed;

    /// <summary>Whether it has been completed, or disposed of.</summary>
    internal bool HasBeenEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>What others than the agents' own loops ask of the session, while there is a machine to ask it of.</summary>
    internal CallGate Calls { get; } = new();

    /// <summary>The agent of a number; vCPUs first.</summary>
    /// <param name="id">The number.</param>
    public abstract AgentSession Agent(int id);

    /// <summary>Runs an agent's loop on a thread of its own. What it throws ends the session (<see cref="Fail"/>), and is
    /// thrown by <see cref="Complete"/>.</summary>
    /// <param name="id">The agent's number.</param>
    /// <param name="loop">Its loop.</param>
    /// <returns>The thread, running in the background; join it before <see cref="Complete"/>.</returns>
    public Thread StartAgent(int id, Action<AgentSession> loop)
    {
        Guard.NotNull(loop);
        AgentSession agent = Agent(id);
        var thread = new Thread(() =>
        {
            try
            {
                OnAgentStarted(id);
                loop(agent);
            }
#pragma warning disable CA1031 // Whatever it is, it ends the session and is thrown by its Complete.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Fail(error);
            }
            finally
            {
                OnAgentLeft(id);
            }
        })
        {
            Name = agent.IsVcpu ? $"vCPU {id}" : $"agent {id}", IsBackground = true,
        };
        thread.Start();
        return thread;
    }

    /// <summary>Says that nobody will wake anybody any more: agents that wait, or will, come back with false. No effect on
    /// replay, where the log says how waits end.</summary>
    public void StopWaiting()
    {
        if (!Calls.TryEnter())
            return;
        try
        {
            OnStopWaiting();
        }
        finally
        {
            Calls.Leave();
        }
    }

    /// <summary>All agents have ended: closes the log, or checks that nothing of it is left. Calls from outside that are
    /// under way are waited for.</summary>
    /// <exception cref="DeterminismException">An agent failed: its error.</exception>
    public void Complete()
    {
        Calls.Close();
        Interlocked.CompareExchange(ref _failure, _misuseAtEnd, null);
        try
        {
            OnComplete();
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _failure, error, null);
            throw;
        }
        finally
        {
            RaiseEnded();
        }
    }

    /// <summary>Says who waits for whom at this moment, for people who look at a run that does not go on.</summary>
    /// <returns>A sentence for each wait; empty if no agent waits for another.</returns>
    public abstract string DescribeWaits();

    /// <summary>Ends the session early and cleanly: agents are told at their next entry or wait. Nothing happens after
    /// <see cref="Complete"/> or <see cref="Dispose"/>.</summary>
    public void Cancel() => EndEarly(null);

    /// <summary>Ends the session early because of an error; the first one counts. What a call threw because the session was
    /// over already is no error. Nothing happens after <see cref="Complete"/> or <see cref="Dispose"/>.</summary>
    /// <param name="error">What an agent's loop threw.</param>
    public void Fail(Exception error)
    {
        if (Guard.NotNull(error) is not SessionOverException)
            EndEarly(error);
    }

    /// <summary>Ends the session early because of a misuse that is perhaps the consequence of a failure yet to be told: the
    /// failure then counts.</summary>
    internal void CancelUnlessFailed(ProtocolMisuseException misuse)
    {
        Interlocked.CompareExchange(ref _misuseAtEnd, misuse, null);
        Cancel();
    }

    /// <summary>Throws the first failure, if there was one.</summary>
    /// <exception cref="DeterminismException">It.</exception>
    private protected void ThrowIfFailed()
    {
        switch (Failure)
        {
            case null:
                return;
            case DeterminismException known:
                throw known;
            case { } other:
                throw new DeterminismException("An agent failed: " + other.Message, other);
        }
    }

    /// <summary>Cancels what still runs; after <see cref="Complete"/> nothing does. Calls from outside that are under way are
    /// waited for. An agent that goes on nevertheless is told by a <see cref="ProtocolMisuseException"/>: join its thread
    /// first.</summary>
    public void Dispose()
    {
        Cancel();
        Calls.Close();
        _isDisposed = true;
        RaiseEnded();
        GC.SuppressFinalize(this);
    }

    private protected abstract void OnComplete();

    private protected abstract void OnOver();

    private protected abstract void OnStopWaiting();

    /// <summary>An agent's thread begins.</summary>
    private protected virtual void OnAgentStarted(int id)
    {
    }

    /// <summary>An agent's thread ends; its error, if it had one, has ended the session.</summary>
    private protected virtual void OnAgentLeft(int id)
    {
    }

    /// <summary>Whether agents share the machine by a baton: everybody's to read, or one agent's alone.</summary>
    internal virtual bool HasBaton => true;

    /// <summary>Changes an agent's right to a frame, if it is a vCPU's to memory and its view is not open as a whole.</summary>
    internal void SetRight(int agent, ulong frame, AccessRight right)
    {
        if (!HasViewOf(agent, frame))
            return;
        Trace?.CallBack(agent, $"SetRight {right} of frame 0x{frame:X}");
        Backend.SetRight(agent, frame, right);
    }

    /// <summary>The same for neighbouring frames; those that are not memory are left out.</summary>
    internal void SetRights(int vcpu, ulong first, ulong count, AccessRight right)
    {
        if (count == 1)
        {
            SetRight(vcpu, first, right);
            return;
        }
        if (count == 0 || !HasViewOf(vcpu, first))
            return;
        count = Math.Min(count, Shape.RamFrameCount - first);
        Trace?.CallBack(vcpu, $"SetRights {right} of {count} frames from 0x{first:X}");
        if (Backend is IFrameRangeRights ranges)
        {
            ranges.SetRights(vcpu, first, count, right);
            return;
        }
        for (ulong frame = first; frame < first + count; frame++)
            Backend.SetRight(vcpu, frame, right);
    }

    private protected static long ExitsOf(AgentSession[] agents)
    {
        long exits = 0;
        foreach (AgentSession agent in agents)
            exits += agent.Exits;
        return exits;
    }

    private bool HasViewOf(int agent, ulong frame) =>
        agent < Shape.VcpuCount && frame < Shape.RamFrameCount && !Agent(agent).IsViewOpen;

    /// <summary>Makes a vCPU leave; agents of other kinds have nothing to leave.</summary>
    internal void Kick(int agent)
    {
        if (agent >= Shape.VcpuCount)
            return;
        Trace?.CallBack(agent, "RequestExit");
        Backend.RequestExit(agent);
    }

    private protected void ExpelVcpus()
    {
        var forced = Backend as IForcedExit;
        for (int vcpu = 0; vcpu < Shape.VcpuCount; vcpu++)
        {
            Kick(vcpu);
            if (forced is null)
                continue;
            Trace?.CallBack(vcpu, "ForceExit");
            forced.ForceExit(vcpu);
        }
    }

    /// <summary>Makes all agents stand, and ends the session there, for another to go on.</summary>
    /// <param name="still">Where they stand.</param>
    /// <param name="patience">How long they may take.</param>
    /// <param name="time">By which clock.</param>
    /// <param name="takeDown">What is to be done while they stand: gives where.</param>
    /// <param name="wake">Makes an agent come back from its wait.</param>
    private protected StandingMachine HandOver(Checkpoints.StandStill still, TimeSpan patience, TimeProvider time,
        Func<Checkpoints.AgentCheckpoint[]> takeDown, Action<int> wake)
    {
        if (!Calls.TryEnter())
            throw new InvalidOperationException("The session has ended.");
        try
        {
            try
            {
                if (!still.TryHold(KickAll, patience, time) || IsOver)
                    throw Over();
                var machine = new StandingMachine(this, Backend, Shape, takeDown());
                // Somebody may have ended it meanwhile: then its loops take that for the machine's end.
                return Interlocked.CompareExchange(ref _over, HandedOver, 0) == 0 ? machine : throw Over();
            }
            finally
            {
                if (IsHandedOver)
                    still.Abort();
                still.Release();
                for (int agent = 0; IsHandedOver && agent < Shape.AgentCount; agent++)
                    wake(agent);
            }
        }
        finally
        {
            Calls.Leave();
        }
    }

    private InvalidOperationException Over()
    {
        ThrowIfFailed();
        return new InvalidOperationException("The session is over.");
    }

    /// <summary>Makes all vCPUs leave the guest.</summary>
    internal void KickAll()
    {
        for (int vcpu = 0; vcpu < Shape.VcpuCount; vcpu++)
            Kick(vcpu);
    }

    private void EndEarly(Exception? error)
    {
        if (!Calls.TryEnter())
            return;
        try
        {
            if (error is not null)
                Interlocked.CompareExchange(ref _failure, error, null);
            // The machine is another session's.
            if (Interlocked.CompareExchange(ref _over, EndedEarly, 0) != HandedOver)
                OnOver();
        }
        finally
        {
            Calls.Leave();
        }
    }

    private void RaiseEnded()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            Ended?.Invoke(this);
    }
}

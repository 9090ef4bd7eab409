namespace Determinism.Sessions;

/// <summary>Which calls of the exit loop may come now, and from which thread.</summary>
/// <remarks>Written by the agent's thread alone. A call from another thread is a bug that this finds if it can, and no
/// reason for a fence on every exit.</remarks>
internal struct AgentProtocol
{
    private enum Phase
    {
        Outside,
        Entering,
        Inside,
        Waiting,
        Ended,
    }

    private Phase _phase;
    private int _thread;
    private bool _isWoken;

    /// <summary>The vCPU asks to enter the guest. Whoever asks is its thread from now on.</summary>
    public void Enter(AgentSession agent)
    {
        const string Call = nameof(agent.TryEnter);
        if (!agent.IsVcpu)
            throw Misuse(agent, Call, ProtocolMisuse.WrongOrder, "an agent that is no vCPU has no guest");
        ThrowUnlessOutside(agent, Call);
        ThrowIfWoken(agent, Call);
        ThrowIfSpanIsOpen(agent, Call);
        _thread = Environment.CurrentManagedThreadId;
        _phase = Phase.Entering;
    }

    public void Entered(bool isInside) => _phase = isInside ? Phase.Inside : Phase.Outside;

    /// <summary>The vCPU has left the guest.</summary>
    public void Exit(AgentSession agent)
    {
        ThrowIfDisposed(agent, nameof(agent.Exited));
        if (_phase != Phase.Inside)
            throw Misuse(agent, nameof(agent.Exited), ProtocolMisuse.WrongOrder, "it has not entered the guest");
        ThrowIfElsewhere(agent, nameof(agent.Exited));
        _phase = Phase.Outside;
    }

    /// <summary>The agent acts, out of the guest.</summary>
    public void Act(AgentSession agent, string call)
    {
        Ask(agent, call);
        ThrowIfWoken(agent, call);
    }

    /// <summary>The agent acts, and has no span open.</summary>
    public void ActWithoutSpan(AgentSession agent, string call)
    {
        Act(agent, call);
        ThrowIfSpanIsOpen(agent, call);
    }

    /// <summary>The agent asks for what it did not ask for: the one act that may come first after a wait.</summary>
    public void Ask(AgentSession agent, string call)
    {
        ThrowUnlessOutside(agent, call);
        if (_thread == 0 || !agent.IsVcpu)
            _thread = Environment.CurrentManagedThreadId;
        ThrowIfElsewhere(agent, call);
    }

    /// <summary>What the agent asked for has arrived.</summary>
    public void Arrived() => _isWoken = false;

    /// <summary>The agent waits. Whoever waits as it is its thread from now on.</summary>
    public void Wait(AgentSession agent)
    {
        ThrowUnlessOutside(agent, nameof(agent.WaitForWake));
        ThrowIfSpanIsOpen(agent, nameof(agent.WaitForWake));
        _thread = Environment.CurrentManagedThreadId;
        _phase = Phase.Waiting;
    }

    public void Waited(bool isWoken)
    {
        _isWoken = isWoken;
        _phase = Phase.Outside;
    }

    /// <summary>The agent ends, on whichever thread.</summary>
    /// <returns>The misuse if it is in the guest. Not thrown: in a <c>finally</c> it would hide the error that led
    /// there.</returns>
    public ProtocolMisuseException? End(AgentSession agent)
    {
        ProtocolMisuseException? misuse = null;
        // Whoever leaves the loop because the session is over may find it disposed of already.
        if (!agent.Session.IsOver)
        {
            if (_phase == Phase.Inside)
                misuse = Misuse(agent, nameof(agent.End), ProtocolMisuse.WrongOrder, InsideText);
            else
                ThrowUnlessOutside(agent, nameof(agent.End));
            ThrowIfSpanIsOpen(agent, nameof(agent.End));
        }
        _phase = Phase.Ended;
        return misuse;
    }

    public static ProtocolMisuseException Misuse(AgentSession agent, string call, ProtocolMisuse misuse, string why)
    {
        string text = $"{call} was called on {(agent.IsVcpu ? "vCPU" : "agent")} {agent.Id}, but {why}.";
        if (agent.Session.Trace is { } trace)
            text += $" The last calls:{Environment.NewLine}{string.Join(Environment.NewLine, trace.Last(16))}";
        return new ProtocolMisuseException(misuse, agent.Id, text);
    }

    private const string InsideText = "it is in the guest: Exited comes first";

    private readonly void ThrowUnlessOutside(AgentSession agent, string call)
    {
        if (_phase == Phase.Outside && !agent.Session.IsDisposed)
            return;
        ThrowIfDisposed(agent, call);
        throw _phase switch
        {
            Phase.Ended => Misuse(agent, call, ProtocolMisuse.AfterEnd, "the agent has ended"),
            Phase.Entering => Misuse(agent, call, ProtocolMisuse.WrongThread, $"thread {_thread} is entering the guest"),
            Phase.Waiting => Misuse(agent, call, ProtocolMisuse.WrongThread, $"thread {_thread} waits as it"),
            _ => Misuse(agent, call, ProtocolMisuse.WrongOrder, InsideText),
        };
    }

    private readonly void ThrowIfWoken(AgentSession agent, string call)
    {
        // Of a session that is over nothing arrives any more.
        if (_isWoken && !agent.Session.IsOver)
            throw Misuse(agent, call, ProtocolMisuse.WrongOrder,
                "it was woken: what woke it arrives first, through Asynchronous; if nothing does, wait again or end");
    }

    private static void ThrowIfSpanIsOpen(AgentSession agent, string call)
    {
        if (agent.HasOpenSpan)
            throw Misuse(agent, call, ProtocolMisuse.WrongOrder, "a span is open: close it first");
    }

    private readonly void ThrowIfElsewhere(AgentSession agent, string call)
    {
        if (_thread != Environment.CurrentManagedThreadId)
            throw Misuse(agent, call, ProtocolMisuse.WrongThread,
                $"thread {_thread} acts as it, not thread {Environment.CurrentManagedThreadId}");
    }

    private static void ThrowIfDisposed(AgentSession agent, string call)
    {
        if (agent.Session.IsDisposed)
            throw Misuse(agent, call, ProtocolMisuse.AfterDispose, "the session has been disposed of");
    }
}

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
        Ended,
    }

    private Phase _phase;
    private int _thread;

    /// <summary>The vCPU asks to enter the guest. Whoever asks is its thread from now on.</summary>
    public void Enter(AgentSession agent)
    {
        if (!agent.IsVcpu)
            throw Misuse(agent, nameof(agent.TryEnter), ProtocolMisuse.WrongOrder, "an agent that is no vCPU has no guest");
        if (_phase == Phase.Entering)
            throw Misuse(agent, nameof(agent.TryEnter), ProtocolMisuse.WrongThread, "another thread is entering");
        ThrowUnlessOutside(agent, nameof(agent.TryEnter));
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
        ThrowUnlessOutside(agent, call);
        if (_thread == 0 || !agent.IsVcpu)
            _thread = Environment.CurrentManagedThreadId;
        ThrowIfElsewhere(agent, call);
    }

    public void End(AgentSession agent)
    {
        // Whoever leaves the loop because the session is over may find it disposed of already.
        if (!agent.Session.IsOver)
            Act(agent, nameof(agent.End));
        _phase = Phase.Ended;
    }

    public static ProtocolMisuseException Misuse(AgentSession agent, string call, ProtocolMisuse misuse, string why)
    {
        string text = $"{call} was called on {(agent.IsVcpu ? "vCPU" : "agent")} {agent.Id}, but {why}.";
        if (agent.Session.Trace is { } trace)
            text += $" The last calls:{Environment.NewLine}{string.Join(Environment.NewLine, trace.Last(16))}";
        return new ProtocolMisuseException(misuse, agent.Id, text);
    }

    private readonly void ThrowUnlessOutside(AgentSession agent, string call)
    {
        if (_phase == Phase.Outside && !agent.Session.IsDisposed)
            return;
        ThrowIfDisposed(agent, call);
        throw _phase == Phase.Ended
            ? Misuse(agent, call, ProtocolMisuse.AfterEnd, "the agent has ended")
            : Misuse(agent, call, ProtocolMisuse.WrongOrder, "it is in the guest: Exited comes first");
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

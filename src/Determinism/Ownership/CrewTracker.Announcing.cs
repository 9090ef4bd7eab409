namespace Determinism.Ownership;

/// <content>A request takes its place before its agent is ready to park.</content>
public sealed partial class CrewTracker<TSink>
{
    /// <summary>Asks the holders of frames that others have to take leave of, and takes a place in the queue: a running holder takes
    /// long to leave the guest, and the agent has something to do meanwhile. Nothing is reduced and nothing granted yet;
    /// <see cref="Acquire"/> of the same requests follows, or <see cref="Withdraw"/>.</summary>
    /// <remarks>The agent is running: nobody acts for it, and whoever wants something of it waits until it parks. On its own
    /// thread.</remarks>
    internal void Announce(int agent, ReadOnlySpan<FrameRequest> requests)
    {
        Withdraw(agent);
        if (!NeedsOthers(agent, requests))
            return;
        Waiter waiter = _waiters[agent];
        waiter.DropPins();
        lock (_gate)
        {
            Join(waiter, requests);
            waiter.IsAnnounced = true;
            while (!waiter.IsDone && RightIn(_words.Read(waiter.Current.Frame), agent) >= waiter.Current.Right)
                Advance(waiter);
            if (!waiter.IsDone && !IsBehindAnother(waiter))
                AskHolders(agent, waiter.Current);
        }
    }

    /// <summary>What was announced does not follow: it gives up its place. On the agent's own thread.</summary>
    internal void Withdraw(int agent)
    {
        Waiter waiter = _waiters[agent];
        if (!waiter.IsAnnounced)
            return;
        lock (_gate)
        {
            waiter.IsAnnounced = false;
            waiter.DropPins();
            _waiting.Remove(waiter);
            Pulse();
        }
    }

    /// <summary>Whether others hold what is asked for. No if it breaks a promise: that is an error, and not to be waited for.</summary>
    private bool NeedsOthers(int agent, ReadOnlySpan<FrameRequest> requests)
    {
        bool isHeld = false;
        foreach (FrameRequest request in requests)
        {
            long word = _words.Read(request.Frame);
            if (word == OwnershipWord.Untouched || RightIn(word, agent) >= request.Right)
                continue;
            if (OwnershipWord.IsPromised(word))
                return false;
            isHeld |= _holders.HasOther(word, agent);
        }
        return isHeld;
    }

    private void AskHolders(int agent, FrameRequest wanted)
    {
        TimeSpan patience = _options.AnswerTimeout;
        bool isKept = IsKept(wanted.Frame, ref patience);
        foreach (int holder in _holders.Of(_words.Read(wanted.Frame)))
        {
            if (holder != agent && IsInTheWay(holder, wanted))
                TryAsk(holder, _waiters[agent], isKept);
        }
    }
}

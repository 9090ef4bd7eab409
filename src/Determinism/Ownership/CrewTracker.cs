using System.Runtime.CompilerServices;

namespace Determinism.Ownership;

/// <summary>Concurrent read, exclusive write: the ownership of every frame, and the order in which it changes hands.</summary>
/// <remarks>
/// <para>Protocol. A frame's state is one word, changed by compare-and-swap. What involves no other agent (first touch;
/// the only reader starting to write) is one such swap on the agent's own thread: no lock, nothing allocated but the
/// table's leaf. Everything else happens under one gate: a handover costs tens of microseconds, a lock does not show.</para>
/// <para>A loser is reduced only at one of its own named points: by itself in <see cref="Serve"/>, or by the winner while
/// it is Parked and Claimed. The names Running, Parked, Claimed and Asked are those of
/// docs/decisions/002-handover-protocol.md and of its checked model.</para>
/// </remarks>
/// <typeparam name="TSink">Carries out and records what is decided.</typeparam>
public sealed partial class CrewTracker<TSink> : IPageOwnershipTracker
    where TSink : struct, IOwnershipSink
{
    private readonly FrameTable _words;
    private readonly HolderSets _holders;
    private readonly AgentSlot[] _agents;
    private readonly CausalOrder _order;
    private readonly TSink _sink;

    /// <summary>Creates a tracker of frames that nobody has touched.</summary>
    /// <param name="agentCount">Number of agents, 1 to 254.</param>
    /// <param name="frameCount">Number of frames.</param>
    /// <param name="order">Numbers and clocks of the same agents.</param>
    /// <param name="sink">Carries out and records what is decided.</param>
    /// <param name="options">Policies.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few or too many agents or frames.</exception>
    public CrewTracker(int agentCount, ulong frameCount, CausalOrder order, TSink sink, CrewOptions options)
    {
        Guard.InRange(agentCount is > 0 and <= 254, agentCount, nameof(agentCount), "Between 1 and 254 agents.");
        Guard.InRange(Guard.NotNull(options).FaultAround is >= 0 and <= FrameStreams.ChunkFrames, options.FaultAround,
            nameof(options), "At most 64 frames are granted at once.");
        _words = new FrameTable(frameCount);
        _holders = new HolderSets(agentCount);
        _agents = new AgentSlot[agentCount];
        _waiters = new Waiter[agentCount];
        for (int agent = 0; agent < agentCount; agent++)
            _waiters[agent] = new Waiter(agent);
        _order = Guard.NotNull(order);
        _sink = sink;
        _options = options;
        _holds = new HoldTimes(options.HoldTime, options.LongestHold, options.Time);
        _streams = new FrameStreams[agentCount];
        for (int agent = 0; agent < agentCount; agent++)
            _streams[agent] = new FrameStreams(Bits.PowerOfTwoUpTo(options.FaultAround));
    }

    /// <inheritdoc />
    public int AgentCount => _agents.Length;

    /// <inheritdoc />
    public ulong FrameCount => _words.FrameCount;

    internal Plant Plant { get; set; }

    /// <inheritdoc />
    public AccessRight GetRight(int agent, ulong frame)
    {
        CheckAgent(agent);
        CheckFrame(frame);
        while (true)
        {
            long word = _words.Read(frame);
            AccessRight right = RightIn(word, agent);
            if (!OwnershipWord.Is(word, OwnershipWord.Spilled) || _words.Read(frame) == word)
                return right;
        }
    }

    /// <inheritdoc />
    public AcquireOutcome Acquire(int agent, ReadOnlySpan<FrameRequest> requests)
    {
        CheckAgent(agent);
        for (int index = 0; index < requests.Length; index++)
        {
            CheckFrame(requests[index].Frame);
            if (index > 0 && requests[index].Frame <= requests[index - 1].Frame)
                throw new ArgumentException("Frames must be strictly ascending.", nameof(requests));
        }
        if (_waiters[agent].IsAnnounced)
        {
            if (_waiters[agent].IsFor(requests))
                return AcquireFromOthers(agent, requests);
            Withdraw(agent);
        }

        bool raised = false;
        foreach (FrameRequest request in requests)
        {
            // Nearly always; and then without a look at how the frame could be had.
            if (IsHeld(agent, request))
                continue;
            switch (TryAlone(agent, request))
            {
                case AloneOutcome.Raised:
                    raised = true;
                    break;
                case AloneOutcome.NeedsOthers:
                    return AcquireFromOthers(agent, requests);
            }
        }
        if (!raised)
            return AcquireOutcome.AlreadyHeld;
        // What was just granted is not given away before the instruction has retired (law L5).
        if (Plant != Plant.DropPinsEarly)
            _waiters[agent].PinAll(requests);
        return AcquireOutcome.Granted;
    }

    /// <summary>How many requests of an agent needed others. On its own thread.</summary>
    internal long HandoversOf(int agent) => _waiters[agent].Handovers;

    /// <summary>Whether anything is kept for an instruction of the agent that has not retired. On its own thread.</summary>
    internal bool HasPins(int agent) => _waiters[agent].HasPins;

    /// <summary>Whether anybody waits for the agent, if only for it to park.</summary>
    internal bool IsWaitedFor(int agent) => Volatile.Read(ref _agents[agent].Asked) != 0;

    /// <inheritdoc />
    public bool IsAsked(int agent) => Volatile.Read(ref _agents[agent].Asked) == AskedNow;

    /// <inheritdoc />
    public void Park(int agent)
    {
        CheckAgent(agent);
        Volatile.Write(ref _agents[agent].State, (int)AgentState.Parked);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _agents[agent].Asked) != 0)
            WakeWaiters();
    }

    /// <inheritdoc />
    public void Unpark(int agent)
    {
        CheckAgent(agent);
        ref int state = ref _agents[agent].State;
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref state, (int)AgentState.Running, (int)AgentState.Parked)
            != (int)AgentState.Parked)
            spin.SpinOnce();
        // The compare-exchange is the full fence of the Dekker pair: the caller looks at Asked next.
    }

    /// <inheritdoc />
    public void DropPins(int agent)
    {
        CheckAgent(agent);
        _waiters[agent].DropPins();
    }

    /// <inheritdoc />
    public void End(int agent)
    {
        if (Plant == Plant.ForgetHolderAtEnd)
            ForgetEverywhere(agent);
        DropPins(agent);
        Park(agent);
    }

    /// <inheritdoc />
    public void PinShared(ulong firstFrame, ulong count)
    {
        CheckRange(firstFrame, count);
        for (ulong frame = firstFrame; frame < firstFrame + count; frame++)
            _words.Slot(frame) = OwnershipWord.Make(0, OwnershipWord.NoWriter, OwnershipWord.PinnedShared);
    }

    /// <summary>Every agent holds Read to a frame from the start, without an event. Before anybody runs.</summary>
    internal void ShareWithAll(ulong frame)
    {
        var everybody = default(AgentSet);
        for (int agent = 0; agent < AgentCount; agent++)
            everybody.Add(agent);
        long none = OwnershipWord.Make(0, OwnershipWord.NoWriter, 0);
        _words.Slot(frame) = _holders.WithHolders(none, everybody, 0);
    }

    /// <summary>The frames that an agent has any right to, ascending. While none of them can be taken from it.</summary>
    internal IEnumerable<FrameRequest> HeldBy(int agent)
    {
        for (ulong frame = _words.NextTouched(0); frame < FrameCount; frame = _words.NextTouched(frame + 1))
        {
            AccessRight right = GetRight(agent, frame);
            if (right != AccessRight.None)
                yield return new FrameRequest(frame, right);
        }
    }

    /// <inheritdoc />
    public void MakePrivate(int agent, ulong firstFrame, ulong count)
    {
        CheckAgent(agent);
        CheckRange(firstFrame, count);
        for (ulong frame = firstFrame; frame < firstFrame + count; frame++)
            _words.Slot(frame) = _holders.Only(agent, agent, OwnershipWord.Private | OwnershipWord.Exclusive);
    }

    private enum AloneOutcome
    {
        Held,
        Raised,
        NeedsOthers,
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsHeld(int agent, FrameRequest request)
    {
        long word = _words.Read(request.Frame);
        // A spilled set may have been another frame's meanwhile.
        return RightIn(word, agent) >= request.Right
            && (!OwnershipWord.Is(word, OwnershipWord.Spilled) || _words.Read(request.Frame) == word);
    }

    /// <summary>The path that involves no other agent (law L10).</summary>
    private AloneOutcome TryAlone(int agent, FrameRequest request)
    {
        ref long slot = ref _words.Slot(request.Frame);
        while (true)
        {
            long word = Volatile.Read(ref slot);
            AccessRight held = RightIn(word, agent);
            // A spilled set may have been another frame's meanwhile.
            if (OwnershipWord.Is(word, OwnershipWord.Spilled) && Volatile.Read(ref slot) != word)
                continue;
            if (held >= request.Right)
                return AloneOutcome.Held;
            if (OwnershipWord.IsPromised(word))
                throw Violation(agent, request, word);

            bool isFirst = word == OwnershipWord.Untouched;
            // Not after a reduction: the loser's reads come before this write, which needs a constraint, and whom it was
            // reduced for comes first.
            bool isUpgrade = held == AccessRight.Read && _holders.IsOnly(word, agent)
                && !OwnershipWord.Is(word, OwnershipWord.Reduced);
            if (!isFirst && !isUpgrade)
                return AloneOutcome.NeedsOthers;

            long next = request.Right == AccessRight.ReadWrite
                ? _holders.Only(agent, agent, OwnershipWord.Exclusive)
                : _holders.Only(agent, OwnershipWord.NoWriter, 0);
            if (Interlocked.CompareExchange(ref slot, next, word) != word)
                continue;
            if (isFirst && request.Frame < _options.FaultAroundBelow)
            {
                TouchBlock(agent, request, next);
                return AloneOutcome.Raised;
            }
            _sink.Apply(agent, request.Frame, request.Right);
            _sink.Elevated(agent, request.Frame, held, request.Right, default);
            return AloneOutcome.Raised;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private AccessRight RightIn(long word, int agent)
    {
        if (word == OwnershipWord.Untouched)
            return AccessRight.None;
        if (OwnershipWord.Is(word, OwnershipWord.PinnedShared))
            return AccessRight.Read;
        if (!_holders.Contains(word, agent))
            return AccessRight.None;
        return OwnershipWord.Is(word, OwnershipWord.Exclusive) ? AccessRight.ReadWrite : AccessRight.Read;
    }

    private static OwnershipViolationException Violation(int agent, FrameRequest request, long word) =>
        new(OwnershipWord.Is(word, OwnershipWord.PinnedShared)
            ? $"Agent {agent} writes frame 0x{request.Frame:X}, which was promised to be only read."
            : $"Agent {agent} touches frame 0x{request.Frame:X}, which was promised to be another's own.");

    private void CheckAgent(int agent) =>
        Guard.InRange((uint)agent < (uint)_agents.Length, agent, nameof(agent), "No such agent.");

    private void CheckFrame(ulong frame) =>
        Guard.InRange(frame < FrameCount, frame, nameof(frame), "No such frame.");

    private void CheckRange(ulong firstFrame, ulong count) =>
        Guard.InRange(count <= FrameCount && firstFrame <= FrameCount - count, firstFrame, nameof(firstFrame),
            "The range lies outside.");
}

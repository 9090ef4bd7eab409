namespace Determinism.Ownership;

/// <summary>One agent's request under way. Everything in it is read and written under the gate.</summary>
/// <remarks>Frames are acquired in ascending order, and every wait is for the frame whose turn it is, behind those who
/// came to that frame before: so no two requests wait for each other (law L5).</remarks>
internal sealed class Waiter(int agent)
{
    /// <summary>How long waiting begins with looking.</summary>
    public Looks Looks = new(TimeSpan.FromMilliseconds(0.5));

    private AgentSet _sources;
    private FrameRequest[] _requests = new FrameRequest[8];
    private ulong[] _pins = new ulong[8];
    private int _count;
    private int _pinCount;

    public int Agent { get; } = agent;

    /// <summary>Index of the request whose turn it is.</summary>
    public int Position { get; private set; }

    /// <summary>How many requests of the agent needed others. Of its own thread.</summary>
    public long Handovers { get; set; }

    /// <summary>When a running holder was asked last for the current frame; 0 if none was.</summary>
    public long AskedAt { get; set; }

    /// <summary>The request is in the queues, but its agent has not parked yet.</summary>
    public bool IsAnnounced { get; set; }

    public bool IsDone => Position == _count;

    public bool HasPins => Volatile.Read(ref _pinCount) > 0;

    public FrameRequest Current => _requests[Position];

    public void Start(ReadOnlySpan<FrameRequest> requests)
    {
        if (_requests.Length < requests.Length)
            _requests = new FrameRequest[requests.Length];
        if (_pins.Length < requests.Length)
            _pins = new ulong[requests.Length];
        requests.CopyTo(_requests);
        _count = requests.Length;
        Position = 0;
        AskedAt = 0;
        _pinCount = 0;
        _sources = default;
    }

    /// <summary>Whether these are the requests that it waits with.</summary>
    public bool IsFor(ReadOnlySpan<FrameRequest> requests) => requests.SequenceEqual(_requests.AsSpan(0, _count));

    /// <summary>The frame whose turn it is is held: keep it until the instruction has retired.</summary>
    public void PinCurrent(bool really)
    {
        if (really)
            _pins[_pinCount++] = Current.Frame;
        Position++;
        AskedAt = 0;
        _sources = default;
    }

    /// <summary>Pins all frames of a request that needed no other agent. On the agent's own thread, outside of the gate: the
    /// count is published after the frames.</summary>
    public void PinAll(ReadOnlySpan<FrameRequest> requests)
    {
        Volatile.Write(ref _pinCount, 0);
        if (_pins.Length < requests.Length)
            Volatile.Write(ref _pins, new ulong[requests.Length]);
        for (int index = 0; index < requests.Length; index++)
            _pins[index] = requests[index].Frame;
        Volatile.Write(ref _pinCount, requests.Length);
    }

    public bool IsPinned(ulong frame)
    {
        int count = Volatile.Read(ref _pinCount);
        ulong[] pins = Volatile.Read(ref _pins);
        return count > 0 && Array.IndexOf(pins, frame, 0, Math.Min(count, pins.Length)) >= 0;
    }

    /// <summary>The agent stands at another point. By the agent, also outside of the gate: who reads the old value waits
    /// once more and is woken by the agent's next park or service.</summary>
    public void DropPins() => Volatile.Write(ref _pinCount, 0);

    /// <summary>Remembers an agent that was reduced for the current frame.</summary>
    public void AddSource(int source) => _sources.Add(source);

    /// <summary>The agents reduced for the current frame, and its last writer.</summary>
    public AgentSet SourcesAnd(int lastWriter)
    {
        AgentSet sources = _sources;
        if (lastWriter != OwnershipWord.NoWriter)
            sources.Add(lastWriter);
        sources.Remove(Agent);
        return sources;
    }

    /// <summary>The readers are forgotten: see <see cref="Plant"/>.</summary>
    public void ForgetSources() => _sources = default;
}

namespace Determinism.Conformance;

/// <summary>The CREW protocol written down as simply as it can be: one lock, one queue. A reference to compare others
/// with, and a tracker for tests; not fast.</summary>
/// <remarks>
/// All state is under the lock. Whoever waits is parked. A request waits behind earlier ones for the same frame, so
/// nobody starves; frames are acquired in ascending order and pinned as their turns come, so nobody deadlocks (law L5). It
/// numbers the events that it makes itself, from 1. Whoever was parked and finds that it is asked
/// (<see cref="IsAsked"/>) calls <see cref="Serve"/> before it enters the guest: nothing here does it for them. Pins that a
/// request took before it failed with an exception stay until <see cref="DropPins"/> or the agent's next request.
/// </remarks>
public sealed class InMemoryTracker : IPageOwnershipTracker
{
    private readonly object _lock = new();
    private readonly Dictionary<ulong, Frame> _frames = [];
    private readonly Agent[] _agents;
    private readonly List<Request> _queue = [];
    private readonly IOwnershipSink _sink;
    private bool _isAborted;

    /// <summary>Creates a tracker of frames that nobody has touched.</summary>
    /// <param name="agentCount">Number of agents, 1 to 254.</param>
    /// <param name="frameCount">Number of frames.</param>
    /// <param name="sink">Carries out and records what is decided.</param>
    public InMemoryTracker(int agentCount, ulong frameCount, IOwnershipSink sink)
    {
        if (agentCount is < 1 or > 254)
            throw new ArgumentOutOfRangeException(nameof(agentCount), agentCount, "Between 1 and 254 agents.");
        _sink = sink ?? throw new ArgumentNullException(nameof(sink));
        FrameCount = frameCount;
        _agents = new Agent[agentCount];
        for (int agent = 0; agent < agentCount; agent++)
            _agents[agent] = new Agent(agentCount);
    }

    /// <inheritdoc />
    public int AgentCount => _agents.Length;

    /// <inheritdoc />
    public ulong FrameCount { get; }

    /// <inheritdoc />
    public AccessRight GetRight(int agent, ulong frame)
    {
        CheckAgent(agent);
        CheckFrame(frame);
        lock (_lock)
            return Find(frame).RightOf(agent);
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
        lock (_lock)
        {
            Agent me = _agents[agent];
            me.Pins.Clear();
            me.IsParked = true;
            var outcome = AcquireOutcome.AlreadyHeld;
            try
            {
                foreach (FrameRequest request in requests)
                {
                    if (Find(request.Frame).RightOf(agent) < request.Right)
                    {
                        if (!WaitFor(agent, request))
                            return AcquireOutcome.Aborted;
                        outcome = AcquireOutcome.Granted;
                    }
                    me.Pins.Add(request.Frame);
                }
                return outcome;
            }
            finally
            {
                me.IsParked = false;
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <inheritdoc />
    public bool IsAsked(int agent)
    {
        CheckAgent(agent);
        return Volatile.Read(ref _agents[agent].IsAsked);
    }

    /// <inheritdoc />
    public int Serve(int agent)
    {
        CheckAgent(agent);
        lock (_lock)
        {
            int served = 0;
            bool isLeft = false;
            foreach (Request request in _queue)
            {
                if (request.Agent == agent || !Find(request.Frame).IsInTheWay(agent, request.Right))
                    continue;
                if (_agents[agent].Pins.Contains(request.Frame))
                {
                    isLeft = true;
                    continue;
                }
                Reduce(agent, request);
                served++;
            }
            Volatile.Write(ref _agents[agent].IsAsked, isLeft);
            Monitor.PulseAll(_lock);
            return served;
        }
    }

    /// <inheritdoc />
    public void DropPins(int agent)
    {
        CheckAgent(agent);
        lock (_lock)
        {
            _agents[agent].Pins.Clear();
            Monitor.PulseAll(_lock);
        }
    }

    /// <inheritdoc />
    public void Park(int agent)
    {
        CheckAgent(agent);
        lock (_lock)
        {
            _agents[agent].IsParked = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <inheritdoc />
    public void Unpark(int agent)
    {
        CheckAgent(agent);
        lock (_lock)
            _agents[agent].IsParked = false;
    }

    /// <inheritdoc />
    public void End(int agent)
    {
        DropPins(agent);
        Park(agent);
    }

    /// <inheritdoc />
    public void PinShared(ulong firstFrame, ulong count)
    {
        CheckRange(firstFrame, count);
        lock (_lock)
        {
            for (ulong frame = firstFrame; frame < firstFrame + count; frame++)
                Find(frame).IsPinnedShared = true;
        }
    }

    /// <inheritdoc />
    public void MakePrivate(int agent, ulong firstFrame, ulong count)
    {
        CheckAgent(agent);
        CheckRange(firstFrame, count);
        lock (_lock)
        {
            for (ulong frame = firstFrame; frame < firstFrame + count; frame++)
            {
                Find(frame).Owner = agent;
                Find(frame).Rights[agent] = AccessRight.ReadWrite;
            }
        }
    }

    /// <inheritdoc />
    public void Abort()
    {
        lock (_lock)
        {
            _isAborted = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until the agent can be let in, and lets it in. False: the run was aborted.</summary>
    private bool WaitFor(int agent, FrameRequest wanted)
    {
        Frame frame = Find(wanted.Frame);
        frame.ThrowIfPromised(agent, wanted);
        var request = new Request(agent, wanted.Frame, wanted.Right);
        _queue.Add(request);
        // Who holds a pin of ours that has just gone must look again.
        Monitor.PulseAll(_lock);
        try
        {
            while (!IsWayClear(request, frame))
            {
                if (_isAborted)
                    return false;
                Monitor.Wait(_lock);
            }
            Grant(request, frame);
            return true;
        }
        finally
        {
            _queue.Remove(request);
        }
    }

    private bool IsWayClear(Request request, Frame frame)
    {
        foreach (Request other in _queue)
        {
            if (other == request)
                break;
            if (other.Frame == request.Frame)
                return false;
        }
        bool isClear = true;
        for (int holder = 0; holder < AgentCount; holder++)
        {
            if (holder == request.Agent || !frame.IsInTheWay(holder, request.Right))
                continue;
            Agent other = _agents[holder];
            if (other.IsParked && !other.Pins.Contains(request.Frame))
            {
                Reduce(holder, request);
                continue;
            }
            isClear = false;
            if (!other.IsParked && !other.IsAsked)
            {
                Volatile.Write(ref other.IsAsked, true);
                _sink.Kick(holder);
            }
        }
        return isClear;
    }

    private void Reduce(int holder, Request winner)
    {
        Frame frame = Find(winner.Frame);
        AccessRight old = frame.Rights[holder];
        AccessRight left = winner.Right == AccessRight.ReadWrite ? AccessRight.None : AccessRight.Read;
        _sink.Apply(holder, winner.Frame, left);
        frame.Rights[holder] = left;
        _sink.Reduced(holder, winner.Frame, old, left);
        _agents[holder].Clock[holder]++;
        winner.Sources.Add(holder);
        _sink.Stolen(winner.Frame, winner.Agent, holder);
    }

    private void Grant(Request request, Frame frame)
    {
        AccessRight old = frame.Rights[request.Agent];
        if (frame.LastWriter >= 0 && frame.LastWriter != request.Agent)
            request.Sources.Add(frame.LastWriter);
        OrderingConstraint[] constraints = Constrain(_agents[request.Agent], request.Sources);
        frame.Rights[request.Agent] = request.Right;
        if (request.Right == AccessRight.ReadWrite)
            frame.LastWriter = request.Agent;
        _sink.Apply(request.Agent, request.Frame, request.Right);
        _sink.Elevated(request.Agent, request.Frame, old, request.Right, constraints);
        _agents[request.Agent].Clock[request.Agent]++;
    }

    /// <summary>The latest events of the sources, without those that others imply (law L4).</summary>
    private OrderingConstraint[] Constrain(Agent target, SortedSet<int> sources)
    {
        List<OrderingConstraint> offered = [.. sources.Select(
            source => new OrderingConstraint(source, _agents[source].Clock[source]))];
        OrderingConstraint[] needed = [.. offered.Where(one => target.Clock[one.Agent] < one.EventNumber
            && !offered.Any(other => other.Agent != one.Agent && _agents[other.Agent].Clock[one.Agent] >= one.EventNumber))];
        foreach (int source in sources)
        {
            for (int agent = 0; agent < AgentCount; agent++)
                target.Clock[agent] = Math.Max(target.Clock[agent], _agents[source].Clock[agent]);
        }
        return needed;
    }

    private Frame Find(ulong number)
    {
        if (!_frames.TryGetValue(number, out Frame? frame))
            _frames.Add(number, frame = new Frame(AgentCount));
        return frame;
    }

    private void CheckAgent(int agent)
    {
        if ((uint)agent >= (uint)_agents.Length)
            throw new ArgumentOutOfRangeException(nameof(agent), agent, "No such agent.");
    }

    private void CheckFrame(ulong frame)
    {
        if (frame >= FrameCount)
            throw new ArgumentOutOfRangeException(nameof(frame), frame, "No such frame.");
    }

    private void CheckRange(ulong firstFrame, ulong count)
    {
        if (count > FrameCount || firstFrame > FrameCount - count)
            throw new ArgumentOutOfRangeException(nameof(firstFrame), firstFrame, "The range lies outside.");
    }

    private sealed class Agent(int agentCount)
    {
        public bool IsAsked;

        public bool IsParked { get; set; }

        public HashSet<ulong> Pins { get; } = [];

        /// <summary>Events of every agent that are known to come before; of itself, those that it has completed.</summary>
        public ulong[] Clock { get; } = new ulong[agentCount];
    }

    private sealed class Request(int agent, ulong frame, AccessRight right)
    {
        public int Agent => agent;

        public ulong Frame => frame;

        public AccessRight Right => right;

        public SortedSet<int> Sources { get; } = [];
    }

    private sealed class Frame(int agentCount)
    {
        public AccessRight[] Rights { get; } = new AccessRight[agentCount];

        public int LastWriter { get; set; } = -1;

        public bool IsPinnedShared { get; set; }

        public int Owner { get; set; } = -1;

        public AccessRight RightOf(int agent) => IsPinnedShared ? AccessRight.Read : Rights[agent];

        public bool IsInTheWay(int holder, AccessRight wanted) =>
            wanted == AccessRight.ReadWrite ? Rights[holder] != AccessRight.None : Rights[holder] == AccessRight.ReadWrite;

        public void ThrowIfPromised(int agent, FrameRequest wanted)
        {
            if (IsPinnedShared)
                throw new OwnershipViolationException(
                    $"Agent {agent} writes frame 0x{wanted.Frame:X}, which was promised to be only read.");
            if (Owner >= 0)
                throw new OwnershipViolationException(
                    $"Agent {agent} touches frame 0x{wanted.Frame:X}, which was promised to agent {Owner}.");
        }
    }
}

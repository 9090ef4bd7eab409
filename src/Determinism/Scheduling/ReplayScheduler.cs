using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Determinism.Ownership;
using Determinism.Sessions;

namespace Determinism.Scheduling;

/// <summary>Keeps the order that a log demands: an agent waits until the event that a constraint names is complete.</summary>
/// <remarks>
/// Progress is published by each agent on a cache line of its own, with release semantics; a waiter reads it with acquire
/// semantics, so that all the source did before is seen. A waiter looks for as long as events mostly let it wait, unless that is
/// long, then parks under one lock: it announces itself, fences and looks again, while the publisher publishes, fences and looks
/// for waiters (Dekker), so no wake-up is lost.
/// Whenever an agent parks, the chain of waits from it is followed: a ring can never end (law L6).
/// </remarks>
internal sealed class ReplayScheduler : IVcpuScheduler
{
    // Twice what recordings take: agents who took turns of half a millisecond do so again.
    private static readonly TimeSpan s_worthwhileLook = TimeSpan.FromMilliseconds(1);

    private readonly Progress[] _progress;

    // Each its agent's alone.
    private readonly Looks[] _looks;
    private readonly TimeProvider? _time;
    private readonly OrderingConstraint?[] _waits;
    private readonly object _parking = new();
    private readonly OwnershipScope _scope;
    private readonly ReplayTurns? _turns;
    private int _parked;
    private volatile bool _aborted;

    /// <summary>Creates it with no event completed.</summary>
    /// <param name="agentCount">Number of agents.</param>
    /// <param name="scope">The scope of the recording.</param>
    /// <param name="time">Tells how long waits take; null: whoever has to wait soon parks.</param>
    /// <param name="turns">Makes agents run one at a time; null if they run in parallel.</param>
    public ReplayScheduler(int agentCount, OwnershipScope scope, TimeProvider? time = null, ReplayTurns? turns = null)
    {
        Guard.InRange(agentCount is > 0 and <= 254, agentCount, nameof(agentCount), "Between 1 and 254 agents.");
        _progress = new Progress[agentCount];
        _looks = new Looks[agentCount];
        for (int agent = 0; agent < agentCount; agent++)
            _looks[agent] = new Looks(s_worthwhileLook);
        _time = time;
        _waits = new OrderingConstraint?[agentCount];
        _scope = scope;
        _turns = turns;
        turns?.Attach(agentCount, IsComplete);
    }

    /// <inheritdoc />
    public OwnershipScope Scope => _scope;

    /// <inheritdoc />
    public SharingPolicy Sharing => SharingPolicy.AtOnce;

    /// <inheritdoc />
    public bool MayDelay => false;

    /// <inheritdoc />
    public RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt) => new(stopAt);

    /// <inheritdoc />
    public void Publish(int agent, ulong eventNumber)
    {
        Volatile.Write(ref _progress[agent].Completed, (long)eventNumber);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _parked) > 0)
            WakeAll();
    }

    /// <inheritdoc />
    public void WaitFor(int agent, OrderingConstraint constraint)
    {
        if (_turns is not null)
        {
            WaitForTurn(_turns, agent, constraint);
            return;
        }
        if (IsComplete(constraint))
            return;
        long started = _time?.GetTimestamp() ?? 0;
        Looks.Look(new Completion(this, constraint), _looks[agent].Longest, _time);
        if (!IsComplete(constraint))
            ParkUntil(agent, constraint);
        if (_time is not null)
            _looks[agent].Count(_time.GetElapsedTime(started));
    }

    private void ParkUntil(int agent, OrderingConstraint constraint)
    {
        lock (_parking)
        {
            _waits[agent] = constraint;
            Interlocked.Increment(ref _parked);
            try
            {
                while (!IsComplete(constraint))
                {
                    if (_aborted)
                        throw new SessionOverException("The session was aborted.");
                    ThrowIfHopeless(agent);
                    Monitor.Wait(_parking);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _parked);
                _waits[agent] = null;
            }
        }
    }

    /// <inheritdoc />
    public void End(int agent)
    {
        Volatile.Write(ref _progress[agent].Ended, 1);
        WakeAll();
    }

    /// <inheritdoc />
    public void Abort()
    {
        _aborted = true;
        _turns?.Abort();
        WakeAll();
    }

    /// <summary>Says which agent waits for which event.</summary>
    /// <returns>A sentence for each wait; empty if none waits.</returns>
    public string DescribeWaits()
    {
        var text = new StringBuilder();
        lock (_parking)
        {
            for (int agent = 0; agent < _waits.Length; agent++)
            {
                if (_waits[agent] is { } wait)
                    text.AppendFormat(CultureInfo.InvariantCulture,
                        "Agent {0} (after event {1}) waits for event {2} of agent {3}, which has completed {4}. ",
                        agent, Volatile.Read(ref _progress[agent].Completed), wait.EventNumber, wait.Agent,
                        Volatile.Read(ref _progress[wait.Agent].Completed));
            }
        }
        return text.ToString().TrimEnd();
    }

    private void WaitForTurn(ReplayTurns turns, int agent, OrderingConstraint constraint)
    {
        // For whoever asks who waits, and for the ring if there is one.
        lock (_parking)
            _waits[agent] = constraint;
        bool canGoOn = turns.TryWaitFor(agent, constraint);
        lock (_parking)
        {
            if (_aborted)
                throw new SessionOverException("The session was aborted.");
            if (!canGoOn)
            {
                ThrowIfHopeless(agent);
                throw new ReplayDeadlockException($"Nobody can go on. {DescribeWaits()}");
            }
            _waits[agent] = null;
        }
    }

    private void WakeAll()
    {
        lock (_parking)
            Monitor.PulseAll(_parking);
    }

    private bool IsComplete(OrderingConstraint constraint) =>
        (ulong)Volatile.Read(ref _progress[constraint.Agent].Completed) >= constraint.EventNumber;

    private void ThrowIfHopeless(int agent)
    {
        int at = agent;
        for (int steps = 0; steps <= _waits.Length; steps++)
        {
            if (_waits[at] is not { } wait || IsComplete(wait))
                return;
            if (Volatile.Read(ref _progress[wait.Agent].Ended) != 0 && !IsComplete(wait))
                throw new ReplayDeadlockException(string.Format(CultureInfo.InvariantCulture,
                    "Agent {0} waits for event {1} of agent {2}, which ended after event {3}.",
                    at, wait.EventNumber, wait.Agent, Volatile.Read(ref _progress[wait.Agent].Completed)));
            at = wait.Agent;
            if (at == agent)
                throw new ReplayDeadlockException(DescribeRing(agent));
        }
    }

    private string DescribeRing(int agent)
    {
        var text = new StringBuilder("The log's constraints form a ring:");
        int at = agent;
        do
        {
            OrderingConstraint wait = _waits[at]!.Value;
            text.AppendFormat(CultureInfo.InvariantCulture, " agent {0} (after event {1}) waits for event {2} of agent {3};",
                at, Volatile.Read(ref _progress[at].Completed), wait.EventNumber, wait.Agent);
            at = wait.Agent;
        }
        while (at != agent);
        return text.ToString();
    }

    private readonly struct Completion(ReplayScheduler scheduler, OrderingConstraint constraint) : IAwaited
    {
        public bool HasCome => scheduler.IsComplete(constraint);
    }

    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Progress
    {
        [FieldOffset(64)]
        public long Completed;

        [FieldOffset(72)]
        public int Ended;
    }
}

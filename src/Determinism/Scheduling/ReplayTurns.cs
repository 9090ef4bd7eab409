namespace Determinism.Scheduling;

/// <summary>Makes the agents of a replay run one at a time, in an order that the log alone decides: the whole machine as one
/// sequence.</summary>
/// <remarks>
/// <para>The order: an agent goes on until it must wait for another's event, or ends; then the agent of the least number that
/// need not wait goes on. Agent 0 is the first. It keeps the constraints, so every state on the way is one that the recorded
/// machine may have passed, and a second replay passes the same ones.</para>
/// <para>Between turns, an agent may stop everything (<see cref="Pause"/>); whoever drives the replay then looks at a machine
/// of which nothing moves, and lets it go on (<see cref="Go"/>).</para>
/// <para>Where a cut is to be come to (<see cref="Replaying.ReplayOptions.Until"/>), agents that are there count as waiting until
/// all are; then it is the driver's turn, who sends them on (<see cref="Replaying.ReplaySession.GoTo"/>), and the least goes
/// first again. So a replay from a checkpoint goes on in the order of one that came through it.</para>
/// <para>Of one replay. <see cref="Go"/> is called by one thread, none of the agents'; <see cref="Pause"/> by the agent that
/// runs.</para>
/// </remarks>
public sealed class ReplayTurns
{
    private const int Driver = -1;

    private readonly object _lock = new();
    private Seat[] _seats = [];
    private Func<OrderingConstraint, bool> _isComplete = static _ => false;
    private int _begun;
    private int _left;

    // Whose turn it is, and who goes on when the driver's is over: nobody yet, until all have begun.
    private int _turn = Driver;
    private int _next = Driver;
    private bool _isAborted;
    private bool _areStanding;

    private enum Phase
    {
        Absent,
        Ready,
        Waiting,
        Standing,
        Gone,
    }

    /// <summary>Whether it is the driver's turn because all agents stand at a cut.</summary>
    public bool AreStanding
    {
        get
        {
            lock (_lock)
                return _areStanding;
        }
    }

    /// <summary>Lets the agents go on until one pauses, or all stand at a cut.</summary>
    /// <returns>False: all have ended, or the session is over.</returns>
    /// <exception cref="InvalidOperationException">No replay has been started with it.</exception>
    public bool Go()
    {
        lock (_lock)
        {
            if (_seats.Length == 0)
                throw new InvalidOperationException("No replay has been started with these turns.");
            while (_begun < _seats.Length && !_isAborted)
                Monitor.Wait(_lock);
            if (_isAborted || _left == _seats.Length)
                return false;
            SendOn();
            if (_next == Driver)
                PassOn();
            else
                Give(_next);
            while (_turn != Driver && !_isAborted)
                Monitor.Wait(_lock);
            return !_isAborted && _left < _seats.Length;
        }
    }

    /// <summary>The agent whose turn it is gives it to the driver, and waits until <see cref="Go"/>. No effect when the session
    /// is over.</summary>
    /// <param name="agent">The agent.</param>
    public void Pause(int agent)
    {
        lock (_lock)
        {
            if (_isAborted)
                return;
            _next = agent;
            Give(Driver);
            Await(agent);
        }
    }

    internal void Attach(int agentCount, Func<OrderingConstraint, bool> isComplete)
    {
        lock (_lock)
        {
            if (_seats.Length > 0)
                throw new InvalidOperationException("Turns are of one replay.");
            _seats = new Seat[agentCount];
            _isComplete = isComplete;
        }
    }

    /// <summary>An agent's thread has begun: waits for its first turn.</summary>
    internal void Begin(int agent)
    {
        lock (_lock)
        {
            _seats[agent].Phase = Phase.Ready;
            _begun++;
            Monitor.PulseAll(_lock);
            Await(agent);
        }
    }

    /// <summary>The agent whose turn it is cannot go on before an event.</summary>
    /// <returns>False: nobody can go on.</returns>
    internal bool TryWaitFor(int agent, OrderingConstraint constraint)
    {
        lock (_lock)
        {
            if (_isAborted || _isComplete(constraint))
                return true;
            _seats[agent] = new Seat { Phase = Phase.Waiting, Constraint = constraint };
            if (!PassOn())
                return false;
            Await(agent);
            _seats[agent].Phase = Phase.Ready;
            return true;
        }
    }

    /// <summary>The agent whose turn it is stands at a cut, until it is sent on.</summary>
    /// <returns>False: another can never come to it.</returns>
    internal bool TryStand(int agent)
    {
        lock (_lock)
        {
            if (_isAborted)
                return true;
            _seats[agent].Phase = Phase.Standing;
            if (!PassOn())
                return false;
            Await(agent);
            return true;
        }
    }

    /// <summary>An agent's thread ends.</summary>
    /// <returns>False: others are left, and none of them can go on.</returns>
    internal bool TryLeave(int agent)
    {
        lock (_lock)
        {
            _seats[agent].Phase = Phase.Gone;
            _left++;
            if (_isAborted)
                return true;
            if (_left < _seats.Length)
                return PassOn();
            Give(Driver);
            return true;
        }
    }

    internal void Abort()
    {
        lock (_lock)
        {
            _isAborted = true;
            Monitor.PulseAll(_lock);
        }
    }

    private bool PassOn()
    {
        for (int agent = 0; agent < _seats.Length; agent++)
        {
            Seat seat = _seats[agent];
            if (seat.Phase != Phase.Ready && !(seat.Phase == Phase.Waiting && _isComplete(seat.Constraint)))
                continue;
            Give(agent);
            return true;
        }
        _areStanding = Array.Exists(_seats, static seat => seat.Phase == Phase.Standing)
            && !Array.Exists(_seats, static seat => seat.Phase == Phase.Waiting);
        if (_areStanding)
        {
            _next = Driver;
            Give(Driver);
        }
        return _areStanding;
    }

    private void SendOn()
    {
        for (int agent = 0; _areStanding && agent < _seats.Length; agent++)
        {
            if (_seats[agent].Phase == Phase.Standing)
                _seats[agent].Phase = Phase.Ready;
        }
        _areStanding = false;
    }

    private void Give(int turn)
    {
        _turn = turn;
        Monitor.PulseAll(_lock);
    }

    private void Await(int agent)
    {
        while (_turn != agent && !_isAborted)
            Monitor.Wait(_lock);
    }

    private struct Seat
    {
        public Phase Phase;
        public OrderingConstraint Constraint;
    }
}

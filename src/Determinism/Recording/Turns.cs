namespace Determinism.Recording;

/// <summary>Decides whether vCPUs run side by side or take turns: where they do little but hand frames to each other, one of
/// them at a time gets more done than all of them together.</summary>
/// <remarks>
/// <para>An account is kept of what side by side has gained over taking turns. n vCPUs side by side get done n times the time,
/// less what each reports that it was out of the guest for the sake of others, or waited for them in a loop, and less what
/// nobody sees of it (<see cref="LossEstimate"/>); one alone gets done the time. When the account is overdrawn by more than an
/// allowance, turns begin. They last so long that the allowance is a small part of the time, then side by side is tried again,
/// with twice the allowance: what is costly at first, until frames have found their holders, may pay in the end. Whoever fails
/// again is tried more seldom: going back and forth costs each vCPU the mappings of its pages. A full account makes the
/// allowance small again.</para>
/// <para>What nobody sees is found out by comparing: when something has been lost, and each time that several times as much
/// has been, a short time side by side is followed by as long a time of turns.</para>
/// <para>Threads: any; all state but the flag is under the lock. A decision that comes late costs time, and nothing else:
/// what is right is the tracker's, and in the log.</para>
/// </remarks>
internal sealed class Turns(int vcpuCount, SharingPolicy policy, TimeProvider time)
{
    // In turns of one vCPU's work.
    private const double SmallestAllowance = 2;
    private const double LargestAllowance = 8;
    private const double FullAccount = 20;

    // How many turns there are until side by side is tried again, and how many times as many when it has failed again.
    private const double FirstPhase = 320;
    private const double LongestPhase = 12_000;
    private const double PhaseGrowth = 4;

    // Once so much is lost in all, what gets done in so long a time is compared with what turns get done in as long; then
    // when so many times as much is lost.
    private const double FirstProbe = 10;
    private const double Probe = 20;
    private const double ProbeGrowth = 4;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromTicks(1_000);

    private readonly object _lock = new();
    private readonly bool[] _isAsleep = new bool[vcpuCount];
    // Each written by its vCPU, without the lock: what is read may be as old as the vCPU's last exit.
    private readonly ulong[] _counts = new ulong[vcpuCount];
    private readonly LossEstimate _loss = new(TimeSpan.FromTicks((long)(FirstProbe * policy.Turn.Ticks)));
    private int _awake = vcpuCount;
    private volatile bool _areTaken;
    private long _begun = time.GetTimestamp();
    private long _settled = time.GetTimestamp();
    // To begin with, all frames are to be found by those who use them.
    private double _account = FullAccount / 2;
    private double _allowance = SmallestAllowance;
    private double _phaseTurns = FirstPhase;
    private TimeSpan _phase;
    private ulong _countAtBegin;
    private TimeSpan _side;
    private double _lost;
    private double _nextProbe = FirstProbe;
    private bool _isComparing;

    /// <summary>A moment, for <see cref="Lose"/>.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>Whether vCPUs take turns now. Ends turns that have lasted long enough.</summary>
    public bool AreTaken
    {
        get
        {
            if (_areTaken && time.GetElapsedTime(Volatile.Read(ref _begun)) > _phase)
                End();
            return _areTaken;
        }
    }

    /// <summary>Number of times that turns began.</summary>
    public int Phases { get; private set; }

    /// <summary>A vCPU has come to a count. By the vCPU's thread.</summary>
    public void Reach(int agent, ulong count) => Volatile.Write(ref _counts[agent], count);

    /// <summary>A vCPU did nothing of its own, for the sake of others, from a moment until now.</summary>
    /// <param name="since">The moment.</param>
    /// <param name="frames">How many frames it was granted meanwhile.</param>
    public void Lose(long since, int frames = 0) => Charge(since, isWait: false, frames);

    /// <summary>A vCPU did nothing but wait for others, from a moment until now.</summary>
    /// <param name="since">The moment.</param>
    public void Wait(long since) => Charge(since, isWait: true, frames: 0);

    private void Charge(long since, bool isWait, int frames)
    {
        if (_areTaken)
            return;
        lock (_lock)
        {
            if (_areTaken)
                return;
            long now = time.GetTimestamp();
            Settle(now);
            if (_awake < 2)
                return;
            TimeSpan seen = time.GetElapsedTime(Math.Max(since, _begun), now);
            double lost = InTurns(isWait ? _loss.OfWait(seen) : _loss.Of(seen, frames));
            _account -= lost;
            _lost += lost;
            if (_account < -_allowance)
                Fail(now);
            else if (_lost > _nextProbe)
                Compare(now);
        }
    }

    /// <summary>A vCPU says that it only waits for another, and did so before.</summary>
    /// <param name="before">When; 0 if never.</param>
    /// <returns>The moment, for the next time.</returns>
    public long LookInVain(long before)
    {
        // Nothing but looking lies between two of these that are close together.
        if (before != 0 && time.GetElapsedTime(before) < s_betweenLooks)
            Wait(before);
        return time.GetTimestamp();
    }

    /// <summary>A vCPU has nothing to do.</summary>
    public void Sleeps(int agent) => SetAsleep(agent, true);

    /// <summary>It has again.</summary>
    public void Wakes(int agent) => SetAsleep(agent, false);

    private void SetAsleep(int agent, bool isAsleep)
    {
        if (agent >= _isAsleep.Length)
            return;
        lock (_lock)
        {
            if (_isAsleep[agent] == isAsleep)
                return;
            Settle(time.GetTimestamp());
            _isAsleep[agent] = isAsleep;
            _awake += isAsleep ? -1 : 1;
        }
    }

    /// <summary>Adds what would have been gained since the last time, had nobody lost anything.</summary>
    private void Settle(long now)
    {
        TimeSpan elapsed = time.GetElapsedTime(_settled, now);
        _settled = now;
        if (_areTaken)
            return;
        _side += TimeSpan.FromTicks(_awake * elapsed.Ticks);
        if (_awake < 2)
            return;
        _account += (_awake - policy.LeastGain) * InTurns(elapsed);
        if (_account < FullAccount)
            return;
        _account = FullAccount;
        _allowance = SmallestAllowance;
        _phaseTurns = FirstPhase;
    }

    private double InTurns(TimeSpan span) => (double)span.Ticks / policy.Turn.Ticks;

    /// <summary>Side by side has failed.</summary>
    private void Fail(long now)
    {
        Take(now, _phaseTurns);
        _phaseTurns = Math.Min(PhaseGrowth * _phaseTurns, LongestPhase);
        _allowance = Math.Min(2 * _allowance, LargestAllowance);
        _account = 0;
    }

    /// <summary>Compares side by side and turns, in a time of either.</summary>
    private void Compare(long now)
    {
        if (!_isComparing)
        {
            _isComparing = true;
            _loss.Begin();
            Begin(now);
        }
        else if (InTurns(time.GetElapsedTime(_begun, now)) > Probe)
        {
            Take(now, Probe);
        }
    }

    private void Take(long now, double turns)
    {
        if (_isComparing)
            _nextProbe = ProbeGrowth * _lost;
        _isComparing = false;
        _loss.EndSideBySide(_side, CountSinceBegin());
        _phase = TimeSpan.FromTicks((long)(turns * policy.Turn.Ticks));
        Phases++;
        Begin(now);
        _areTaken = true;
    }

    private void End()
    {
        lock (_lock)
        {
            if (!_areTaken)
                return;
            long now = time.GetTimestamp();
            _loss.EndTurns(time.GetElapsedTime(_begun, now), CountSinceBegin());
            Begin(now);
            _settled = now;
            _areTaken = false;
        }
    }

    private void Begin(long now)
    {
        Volatile.Write(ref _begun, now);
        _countAtBegin += (ulong)CountSinceBegin();
        _side = TimeSpan.Zero;
    }

    private long CountSinceBegin()
    {
        ulong sum = 0;
        for (int agent = 0; agent < _counts.Length; agent++)
            sum += Volatile.Read(ref _counts[agent]);
        return (long)(sum - _countAtBegin);
    }
}

namespace Determinism.Recording;

/// <summary>Decides whether vCPUs run side by side or take turns: where they do little but hand frames to each other, one of
/// them at a time gets more done than all of them together.</summary>
/// <remarks>
/// <para>An account is kept of what side by side has gained over taking turns. n vCPUs side by side get done n times the time,
/// less what each reports that it was out of the guest for the sake of others, or waited for them in a loop; one alone gets
/// done the time. When the account is overdrawn by more than an allowance, turns begin. They last so long that the allowance
/// is a small part of the time (so that no guest gets much slower than by turns alone), then side by side is tried again,
/// with twice the allowance: what is costly at first, until frames have found their holders, may pay in the end. A full
/// account makes the allowance small again.</para>
/// <para>Threads: any; all state but the flag is under the lock. A decision that comes late costs time, and nothing else:
/// what is right is the tracker's, and in the log.</para>
/// </remarks>
internal sealed class Turns(int vcpuCount, SharingPolicy policy, TimeProvider time)
{
    // In turns of one vCPU's work.
    private const double SmallestAllowance = 2;
    private const double LargestAllowance = 8;
    private const double FullAccount = 20;

    // How many times as long as an allowance turns last.
    private const double PhasePerAllowance = 80;

    // Where frames change hands, a vCPU loses half as much again in the guest, which nobody sees: pages that are mapped anew,
    // caches that are cold. Measured under KVM: ocean gets 0.84 of one vCPU's work done, of which handovers explain 1.22.
    private const double UnseenShare = 0.5;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromTicks(1_000);

    private readonly object _lock = new();
    private readonly bool[] _isAsleep = new bool[vcpuCount];
    private int _awake = vcpuCount;
    private volatile bool _areTaken;
    private long _begun = time.GetTimestamp();
    private long _settled = time.GetTimestamp();
    // To begin with, all frames are to be found by those who use them.
    private double _account = FullAccount / 2;
    private double _allowance = SmallestAllowance;
    private TimeSpan _phase;

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

    /// <summary>A vCPU did nothing of its own, for the sake of others, from a moment until now.</summary>
    public void Lose(long since)
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
            _account -= (1 + UnseenShare) * InTurns(time.GetElapsedTime(Math.Max(since, _begun), now));
            if (_account < -_allowance)
                Take(now);
        }
    }

    /// <summary>A vCPU says that it only waits for another, and did so before.</summary>
    /// <param name="before">When; 0 if never.</param>
    /// <returns>The moment, for the next time.</returns>
    public long LookInVain(long before)
    {
        // Nothing but looking lies between two of these that are close together.
        if (before != 0 && time.GetElapsedTime(before) < s_betweenLooks)
            Lose(before);
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
        double elapsed = InTurns(time.GetElapsedTime(_settled, now));
        _settled = now;
        if (_awake < 2)
            return;
        _account += (_awake - policy.LeastGain) * elapsed;
        if (_account < FullAccount)
            return;
        _account = FullAccount;
        _allowance = SmallestAllowance;
    }

    private double InTurns(TimeSpan span) => (double)span.Ticks / policy.Turn.Ticks;

    private void Take(long now)
    {
        _phase = TimeSpan.FromTicks((long)(_allowance * PhasePerAllowance * policy.Turn.Ticks));
        _allowance = Math.Min(2 * _allowance, LargestAllowance);
        Phases++;
        Volatile.Write(ref _begun, now);
        _areTaken = true;
    }

    private void End()
    {
        lock (_lock)
        {
            if (!_areTaken)
                return;
            long now = time.GetTimestamp();
            Volatile.Write(ref _begun, now);
            _settled = now;
            _account = 0;
            _areTaken = false;
        }
    }
}

namespace Determinism.Recording;

/// <summary>Decides whether vCPUs run side by side or take turns: where they do little but hand frames to each other, one of
/// them at a time gets more done than all of them together.</summary>
/// <remarks>
/// <para>Each vCPU reports how long it was out of the guest for the sake of others. Over a window of time, what n vCPUs get
/// done is n times the window less all that; one alone gets done the window. Turns begin when side by side is not clearly
/// better. They last for a while, then side by side is tried again; each time that fails at once, the while is doubled.</para>
/// <para>Threads: any; all state but the flag is under the lock. A decision that comes late costs time, and nothing else:
/// what is right is the tracker's, and in the log.</para>
/// </remarks>
internal sealed class Turns(int vcpuCount, double leastGain, TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_shortestPhase = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_longestPhase = TimeSpan.FromMilliseconds(800);

    private readonly object _lock = new();
    private readonly bool[] _isAsleep = new bool[vcpuCount];
    private int _awake = vcpuCount;
    private volatile bool _areTaken;
    private long _since;
    private TimeSpan _lost;
    private TimeSpan _phase = s_shortestPhase;
    private int _windows;

    /// <summary>A moment, for <see cref="Lose"/>.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>Whether vCPUs take turns now. Ends turns that have lasted long enough.</summary>
    public bool AreTaken
    {
        get
        {
            if (_areTaken && time.GetElapsedTime(Volatile.Read(ref _since)) > _phase)
                End();
            return _areTaken;
        }
    }

    /// <summary>Number of times that turns began.</summary>
    public int Phases { get; private set; }

    /// <summary>A vCPU was out of the guest, for the sake of others, from a moment until now.</summary>
    public void Lose(long since)
    {
        if (_areTaken)
            return;
        lock (_lock)
        {
            long now = time.GetTimestamp();
            TimeSpan window = time.GetElapsedTime(_since, now);
            // Losses far apart are no reason.
            if (window > s_window + s_window)
            {
                Begin(now);
                return;
            }
            _lost += time.GetElapsedTime(Math.Max(since, _since), now);
            if (window < s_window)
                return;
            double gain = _awake - (_lost.TotalMilliseconds / window.TotalMilliseconds);
            Begin(now);
            if (_awake > 1 && gain < leastGain)
                Take();
            else
                _windows++;
        }
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
            _isAsleep[agent] = isAsleep;
            _awake += isAsleep ? -1 : 1;
        }
    }

    private void Begin(long now)
    {
        Volatile.Write(ref _since, now);
        _lost = TimeSpan.Zero;
    }

    private void Take()
    {
        // Whoever fails at once is tried less often.
        TimeSpan next = _windows < 4 && Phases > 0 ? _phase + _phase : s_shortestPhase;
        _phase = next < s_longestPhase ? next : s_longestPhase;
        Phases++;
        _areTaken = true;
    }

    private void End()
    {
        lock (_lock)
        {
            if (!_areTaken)
                return;
            _windows = 0;
            Begin(time.GetTimestamp());
            _areTaken = false;
        }
    }
}

using Determinism.Recording;

namespace Determinism.Checkpoints;

/// <summary>Makes checkpoints when they are due, on a thread of its own.</summary>
internal sealed class CheckpointKeeper : IDisposable
{
    private readonly object _lock = new();
    private readonly RecordingSession _session;
    private readonly CheckpointOptions _options;
    private readonly ITimer? _timer;
    private readonly Thread _thread;
    private bool _isDue;
    private bool _isStopped;
    private long _events;
    private long _bytes;

    public CheckpointKeeper(RecordingSession session, CheckpointOptions options, TimeProvider time)
    {
        _session = session;
        _options = options;
        _thread = new Thread(Run) { Name = "checkpoints", IsBackground = true };
        _thread.Start();
        if (options.Recorder is { } recorder)
            recorder.Wake = MakeDue;
        if (options.Interval != Timeout.InfiniteTimeSpan)
            _timer = time.CreateTimer(_ => MakeDue(), null, options.Interval, options.Interval);
    }

    /// <summary>An agent has had some more events. Any agent's thread.</summary>
    public void Count(long events, long bytes)
    {
        long allEvents = Interlocked.Add(ref _events, events);
        long allBytes = Interlocked.Add(ref _bytes, bytes);
        if ((_options.Events > 0 && allEvents >= _options.Events) || (_options.LogBytes > 0 && allBytes >= _options.LogBytes))
            MakeDue();
    }

    /// <summary>A checkpoint was made, for whatever reason.</summary>
    public void BeginAnew()
    {
        Interlocked.Exchange(ref _events, 0);
        Interlocked.Exchange(ref _bytes, 0);
        lock (_lock)
            _isDue = false;
    }

    /// <summary>No more after the one that is being made.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>No more; waits for one that is being made.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        Stop();
        _thread.Join();
    }

    private void MakeDue()
    {
        lock (_lock)
        {
            _isDue = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (_lock)
            {
                while (!_isDue && !_isStopped)
                    Monitor.Wait(_lock);
                if (_isStopped)
                    return;
                _isDue = false;
            }
            try
            {
                // A recording that is over asks for no more.
                if (_session.Checkpoint() == 0)
                    return;
            }
#pragma warning disable CA1031 // Whatever it is, it ends the recording and is thrown by its Complete.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _session.Fail(error);
                return;
            }
        }
    }
}

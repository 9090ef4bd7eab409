namespace Determinism.Log.Killed;

/// <summary>Appends synthetic streams to a log, each event after the events that its constraints name, as agents
/// do.</summary>
public sealed class SyntheticRecording
{
    private readonly SyntheticStream[] _streams;
    private readonly long[] _appended;
    private volatile bool _isStopped;

    public SyntheticRecording(int seed, int streamCount)
    {
        _streams = new SyntheticStream[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            _streams[stream] = new SyntheticStream(seed, stream, streamCount);
        _appended = new long[streamCount];
    }

    /// <summary>One stream, on the caller's thread, beside the others.</summary>
    /// <param name="log">Where to.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="events">How many; the same for all streams.</param>
    /// <param name="appended">Sees each event's number and the position after it.</param>
    public void Append(IEventLog log, int stream, int events, Action<ulong, LogPosition> appended)
    {
        try
        {
            SyntheticStream one = _streams[stream];
            while ((int)one.Number < events && !_isStopped)
            {
                one.MoveNext();
                var spin = default(SpinWait);
                while (!CausesAreThere(one) && !_isStopped)
                    spin.SpinOnce();
                if (_isStopped)
                    return;
                LogPosition position = log.Append(stream, one.Encoded);
                Volatile.Write(ref _appended[stream], (long)one.Number);
                appended(one.Number, position);
            }
        }
        catch
        {
            // The others wait for this one's events.
            _isStopped = true;
            throw;
        }
    }

    /// <summary>All streams on threads of their own.</summary>
    /// <exception cref="AggregateException">What some of them threw.</exception>
    public void AppendAll(IEventLog log, int events, Action<ulong, LogPosition> appended)
    {
        var errors = new List<Exception>();
        Thread[] threads = [.. Enumerable.Range(0, _streams.Length).Select(stream => new Thread(() =>
        {
            try
            {
                Append(log, stream, events, appended);
            }
#pragma warning disable CA1031 // It is thrown where all threads come together.
            catch (Exception error)
#pragma warning restore CA1031
            {
                lock (errors)
                    errors.Add(error);
            }
        })
        { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (errors.Count > 0)
            throw new AggregateException(errors);
    }

    /// <summary>All streams in turn, on the caller's thread.</summary>
    public void AppendInTurn(IEventLog log, int events)
    {
        for (int number = 1; number <= events; number++)
        {
            for (int stream = 0; stream < _streams.Length; stream++)
                Append(log, stream, number, static (_, _) => { });
        }
    }

    private bool CausesAreThere(SyntheticStream one)
    {
        foreach (OrderingConstraint constraint in one.Constraints)
        {
            if ((ulong)Volatile.Read(ref _appended[constraint.Agent]) < constraint.EventNumber)
                return false;
        }
        return true;
    }
}

namespace Determinism.Sessions;

/// <summary>Takes from a view that is open as a whole what its vCPU does not hold, run by run of neighbouring frames: a
/// change of rights costs by the run.</summary>
internal struct RightRuns
{
    private readonly ExecutionSession _session;
    private readonly int _agent;
    private ulong _start;
    private AccessRight _right;

    private RightRuns(ExecutionSession session, int agent)
    {
        _session = session;
        _agent = agent;
    }

    /// <summary>Closes an agent's view.</summary>
    /// <param name="session">The agent's session.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="held">What it holds, ascending.</param>
    public static void Close(ExecutionSession session, int agent, IEnumerable<FrameRequest> held)
    {
        var runs = new RightRuns(session, agent);
        ulong frames = session.Shape.RamFrameCount;
        ulong next = 0;
        foreach (FrameRequest one in held)
        {
            if (one.Frame >= frames)
                break;
            if (one.Frame > next)
                runs.Begin(next, AccessRight.None);
            runs.Begin(one.Frame, one.Right);
            next = one.Frame + 1;
        }
        if (next < frames)
            runs.Begin(next, AccessRight.None);
        runs.EndAt(frames);
    }

    private void Begin(ulong frame, AccessRight right)
    {
        if (right == _right)
            return;
        EndAt(frame);
        (_start, _right) = (frame, right);
    }

    private readonly void EndAt(ulong end)
    {
        if (end > _start && _right != AccessRight.ReadWrite)
            _session.SetRights(_agent, _start, end - _start, _right);
    }
}

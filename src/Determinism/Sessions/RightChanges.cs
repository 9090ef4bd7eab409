namespace Determinism.Sessions;

/// <summary>Changes of a vCPU's rights at one place, made effective run by run of neighbouring frames: a change of rights costs
/// by the run, and frames that came along with another (docs/decisions/017) were one run when they were recorded.</summary>
/// <remarks>On the vCPU's thread, out of the guest.</remarks>
internal sealed class RightChanges(ExecutionSession session, int vcpu)
{
    // Ascending, no frame twice.
    private readonly List<FrameRequest> _changes = [];

    /// <summary>From <see cref="Apply"/> on, the vCPU has this right.</summary>
    public void Set(ulong frame, AccessRight right)
    {
        int at = _changes.Count;
        while (at > 0 && _changes[at - 1].Frame > frame)
            at--;
        if (at > 0 && _changes[at - 1].Frame == frame)
            _changes[at - 1] = new FrameRequest(frame, right);
        else
            _changes.Insert(at, new FrameRequest(frame, right));
    }

    /// <summary>Makes all of it effective.</summary>
    public void Apply()
    {
        var runs = new RightRuns(session, vcpu);
        foreach (FrameRequest change in _changes)
            runs.Add(change.Frame, 1, change.Right);
        runs.End();
        _changes.Clear();
    }
}

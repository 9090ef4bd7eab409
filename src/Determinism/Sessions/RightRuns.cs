namespace Determinism.Sessions;

/// <summary>Makes changes of a vCPU's rights effective run by run of neighbouring frames: a change of rights costs by the
/// run.</summary>
internal struct RightRuns(ExecutionSession session, int vcpu)
{
    private ulong _start;
    private ulong _end;
    private AccessRight _right;

    /// <summary>Adds frames, ascending. They are effective after <see cref="End"/>.</summary>
    public void Add(ulong first, ulong count, AccessRight right)
    {
        if (count == 0)
            return;
        if (first != _end || right != _right)
        {
            End();
            (_start, _right) = (first, right);
        }
        _end = first + count;
    }

    /// <summary>Makes what was added effective.</summary>
    public void End()
    {
        session.SetRights(vcpu, _start, _end - _start, _right);
        _start = _end;
    }
}

namespace Determinism.Sessions;

/// <summary>What a machine vouches for: frames that are only ever read, and frames that are one agent's own. They need no
/// events; a broken promise is an error.</summary>
internal sealed record FramePromises(IReadOnlyList<FrameRange> Shared, IReadOnlyList<OwnedFrames> Owned)
{
    /// <summary>Whether a promise covers a request, so that no event raises it.</summary>
    public bool Cover(int agent, FrameRequest request)
    {
        foreach (OwnedFrames owned in Owned)
        {
            if (owned.Agent == agent && owned.Range.Contains(request.Frame))
                return true;
        }
        if (request.Right != AccessRight.Read)
            return false;
        foreach (FrameRange range in Shared)
        {
            if (range.Contains(request.Frame))
                return true;
        }
        return false;
    }

    /// <summary>The frames that an agent holds by promise.</summary>
    public IEnumerable<FrameRequest> HeldBy(int agent)
    {
        IEnumerable<FrameRequest> shared = Shared.SelectMany(range => Each(range, AccessRight.Read));
        return shared.Concat(Owned.Where(owned => owned.Agent == agent)
            .SelectMany(owned => Each(owned.Range, AccessRight.ReadWrite)));
    }

    private static IEnumerable<FrameRequest> Each(FrameRange range, AccessRight right)
    {
        for (ulong frame = range.First; range.Contains(frame); frame++)
            yield return new FrameRequest(frame, right);
    }

    /// <summary>Tells the tracker.</summary>
    public void GiveTo(IPageOwnershipTracker tracker)
    {
        foreach (FrameRange range in Shared)
            tracker.PinShared(range.First, range.Count);
        foreach (OwnedFrames owned in Owned)
            tracker.MakePrivate(owned.Agent, owned.Range.First, owned.Range.Count);
    }

    /// <summary>Gives the vCPUs the rights that the promises come down to.</summary>
    public void GiveTo(ExecutionSession session)
    {
        foreach (FrameRange range in Shared)
        {
            for (int vcpu = 0; vcpu < session.Shape.VcpuCount; vcpu++)
                session.SetRights(vcpu, range.First, range.Count, AccessRight.Read);
        }
        foreach (OwnedFrames owned in Owned)
            session.SetRights(owned.Agent, owned.Range.First, owned.Range.Count, AccessRight.ReadWrite);
    }
}

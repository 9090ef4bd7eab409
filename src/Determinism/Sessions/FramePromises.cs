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

    /// <summary>Tells the tracker.</summary>
    public void GiveTo(IPageOwnershipTracker tracker)
    {
        foreach (FrameRange range in Shared)
            tracker.PinShared(range.First, range.Count);
        foreach (OwnedFrames owned in Owned)
            tracker.MakePrivate(owned.Agent, owned.Range.First, owned.Range.Count);
    }

    /// <summary>Gives the vCPUs the rights that the promises come down to.</summary>
    public void GiveTo(IVmBackend backend, MachineShape shape)
    {
        foreach (FrameRange range in Shared)
        {
            for (int vcpu = 0; vcpu < shape.VcpuCount; vcpu++)
                Give(backend, vcpu, range, AccessRight.Read);
        }
        foreach (OwnedFrames owned in Owned)
        {
            if (owned.Agent < shape.VcpuCount)
                Give(backend, owned.Agent, owned.Range, AccessRight.ReadWrite);
        }
    }

    private static void Give(IVmBackend backend, int vcpu, FrameRange range, AccessRight right)
    {
        for (ulong frame = range.First; range.Contains(frame); frame++)
            backend.SetRight(vcpu, frame, right);
    }
}

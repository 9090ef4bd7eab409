namespace Determinism.Sessions;

/// <summary>The frames that accesses and a device come down to, as one request (law L5).</summary>
internal sealed class FrameCollector(MachineShape shape, OwnershipScope scope, bool hasBaton)
{
    private FrameRequest[] _requests = new FrameRequest[8];

    /// <summary>The frames, ascending, each once with the greatest right; valid until the next call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An access lies outside of guest memory, or there is no such
    /// device.</exception>
    public ReadOnlySpan<FrameRequest> Collect(ReadOnlySpan<MemoryAccess> accesses)
    {
        int count = Gather(accesses);
        return _requests.AsSpan(0, count);
    }

    /// <summary>The same for a span, which also needs that nobody else has the machine to itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An access lies outside of guest memory, or there is no such
    /// device.</exception>
    public ReadOnlySpan<FrameRequest> CollectSpan(ReadOnlySpan<MemoryAccess> accesses, int device)
    {
        int count = Gather(accesses);
        if (scope == OwnershipScope.Frames)
        {
            if (device >= 0)
                Insert(new FrameRequest(shape.PseudoFrame(device), AccessRight.ReadWrite), ref count);
            if (hasBaton)
                Insert(new FrameRequest(shape.BatonFrame, AccessRight.Read), ref count);
        }
        return _requests.AsSpan(0, count);
    }

    private int Gather(ReadOnlySpan<MemoryAccess> accesses)
    {
        if (scope == OwnershipScope.Machine)
        {
            _requests[0] = new FrameRequest(shape.BatonFrame, AccessRight.ReadWrite);
            return 1;
        }
        int count = 0;
        foreach (MemoryAccess access in accesses)
        {
            if (access.Size == 0)
                continue;
            if (access.Address >= shape.MemoryBytes || access.Size > shape.MemoryBytes - access.Address)
                throw new ArgumentOutOfRangeException(nameof(accesses), access, "Outside of guest memory.");
            ulong last = shape.FrameOf(access.Address + access.Size - 1);
            for (ulong frame = shape.FrameOf(access.Address); frame <= last; frame++)
                Insert(new FrameRequest(frame, access.Right), ref count);
        }
        return count;
    }

    private void Insert(FrameRequest request, ref int count)
    {
        int at = count;
        while (at > 0 && _requests[at - 1].Frame > request.Frame)
            at--;
        if (at > 0 && _requests[at - 1].Frame == request.Frame)
        {
            if (request.Right > _requests[at - 1].Right)
                _requests[at - 1] = request;
            return;
        }
        if (count == _requests.Length)
            Array.Resize(ref _requests, 2 * count);
        Array.Copy(_requests, at, _requests, at + 1, count - at);
        _requests[at] = request;
        count++;
    }
}

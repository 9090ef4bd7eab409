namespace Determinism.Tests.Scripted;

/// <summary>What each synthetic vCPU may touch, enforced; and a monitor of law L1 over what was applied.</summary>
internal sealed class FrameRights(int vcpuCount)
{
    private readonly Dictionary<ulong, AccessRight[]> _frames = [];
    private readonly List<string> _violations = [];
    private AccessRight _default = AccessRight.None;

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_frames)
                return [.. _violations];
        }
    }

    public void SetAll(AccessRight right)
    {
        lock (_frames)
        {
            _frames.Clear();
            _default = right;
        }
    }

    public AccessRight Get(int vcpu, ulong frame)
    {
        lock (_frames)
            return _frames.TryGetValue(frame, out AccessRight[]? rights) ? rights[vcpu] : _default;
    }

    /// <summary>Applies a right; notes who holds what it excludes.</summary>
    public void Set(int vcpu, ulong frame, AccessRight right)
    {
        lock (_frames)
        {
            AccessRight[] rights = Row(frame);
            rights[vcpu] = right;
            // With rights to everything for everybody, as in a replay by position, there is nothing to watch.
            for (int other = 0; _default == AccessRight.None && other < vcpuCount; other++)
            {
                if (other != vcpu && right != AccessRight.None && rights[other] != AccessRight.None
                    && (right == AccessRight.ReadWrite || rights[other] == AccessRight.ReadWrite))
                    _violations.Add($"vCPU {vcpu} got {right} of frame 0x{frame:X} while vCPU {other} had {rights[other]}");
            }
        }
    }

    /// <summary>What a host may do: the protection is lost, the right is not.</summary>
    public void LoseProtection(int vcpu, ulong frame)
    {
        lock (_frames)
            Row(frame)[vcpu] = AccessRight.None;
    }

    public void Report(string violation)
    {
        lock (_frames)
            _violations.Add(violation);
    }

    private AccessRight[] Row(ulong frame)
    {
        if (!_frames.TryGetValue(frame, out AccessRight[]? rights))
        {
            rights = new AccessRight[vcpuCount];
            Array.Fill(rights, _default);
            _frames.Add(frame, rights);
        }
        return rights;
    }
}

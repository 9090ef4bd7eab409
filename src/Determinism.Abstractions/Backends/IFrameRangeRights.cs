namespace Determinism;

/// <summary>A backend that changes a vCPU's right to many frames at once for about what one costs.</summary>
/// <remarks>Optional, beside <see cref="IVmBackend"/>. With it, recordings may fall back to one vCPU at a time where sharing
/// costs more than it gains, and grant neighbouring frames together.</remarks>
public interface IFrameRangeRights
{
    /// <summary>Makes an agent's right to neighbouring frames of guest memory effective before returning. Called as
    /// <see cref="IVmBackend.SetRight"/> is.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="firstFrame">The first frame.</param>
    /// <param name="count">How many; at least one.</param>
    /// <param name="right">The right from now on.</param>
    void SetRights(int vcpu, ulong firstFrame, ulong count, AccessRight right);
}

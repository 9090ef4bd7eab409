namespace Determinism;

/// <summary>A backend that can make a vCPU leave the guest wherever it is, for ending sessions whatever the guest does.</summary>
/// <remarks>Beside <see cref="IVmBackend.RequestExit"/>, which waits for a point that the clock names: a guest that never
/// comes to one would keep its host for ever.</remarks>
public interface IForcedExit
{
    /// <summary>Makes a vCPU leave at once; if it is outside, as soon as it enters. Such an exit is the host's, and no point.
    /// Any thread; called when the session is over.</summary>
    /// <param name="vcpu">The vCPU.</param>
    void ForceExit(int vcpu);
}

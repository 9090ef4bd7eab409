namespace Determinism.Conformance;

/// <summary>A machine that a backend's author has loaded with a program.</summary>
/// <remarks>It is disposed of when every <see cref="Run"/> has returned, and perhaps twice. Where a vCPU does not leave that was
/// asked to, the fact fails and the machine is never disposed of.</remarks>
public interface IMachineUnderTest : IDisposable
{
    /// <summary>The backend under test.</summary>
    IVmBackend Backend { get; }

    /// <summary>Runs a vCPU until it leaves the guest, as an exit loop would. Each vCPU is run by one thread at a
    /// time.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="slice">How far it may run.</param>
    GuestExit Run(int vcpu, RunSlice slice);

    /// <summary>Gives a vCPU that has left for an input what it asked for.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="value">The answer.</param>
    void Answer(int vcpu, ulong value);
}

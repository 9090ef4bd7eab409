namespace Determinism.Emulation.Observation;

/// <summary>Is told every instruction that touches memory, after it has retired.</summary>
internal interface IInstructionObserver
{
    /// <summary>Held while a vCPU runs: vCPUs that are observed run one at a time, each from an entry to its exit.</summary>
    /// <remarks>Whatever two agents do to one frame, a replay has an exit of the first and an entry of the second in between,
    /// so they are told in the order that the log demands. And a run ends by itself, since what the log has next for a vCPU
    /// does not wait for another to run.</remarks>
    Lock Turn { get; }

    /// <summary>An instruction has retired, or one iteration of a repeated string instruction.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="instruction">The instruction.</param>
    /// <param name="accesses">What it has touched.</param>
    void Retired(int vcpu, ObservedInstruction instruction, ReadOnlySpan<ObservedAccess> accesses);

    /// <summary>Whether it is told <see cref="Before"/>. Constant.</summary>
    bool IsToldBefore => false;

    /// <summary>An instruction is about to retire; it may be told again if it turns out that something else comes first.</summary>
    /// <param name="vcpu">The vCPU.</param>
    void Before(int vcpu)
    {
    }

    /// <summary>An instruction has retired, whether it touches memory or not; told after <see cref="Retired"/>.</summary>
    /// <param name="vcpu">The vCPU.</param>
    void Stepped(int vcpu)
    {
    }
}

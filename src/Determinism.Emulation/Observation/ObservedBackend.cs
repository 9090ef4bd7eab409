using Determinism.Machine;

namespace Determinism.Emulation.Observation;

/// <summary>Makes machines whose vCPUs are emulated and observed.</summary>
internal sealed class ObservedBackend(IInstructionObserver observer) : IMachineBackend
{
    /// <inheritdoc />
    public string Name => "managed";

    /// <inheritdoc />
    public IGuestProcessors Create(MachineConfiguration configuration) => new ManagedProcessors(configuration, observer);
}

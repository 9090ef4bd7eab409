using Determinism.Machine;

namespace Determinism.Emulation;

/// <summary>Makes machines whose vCPUs are emulated in managed code.</summary>
public sealed class ManagedBackend : IMachineBackend
{
    /// <inheritdoc />
    public string Name => "managed";

    /// <inheritdoc />
    public IGuestProcessors Create(MachineConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new ManagedProcessors(configuration);
    }
}

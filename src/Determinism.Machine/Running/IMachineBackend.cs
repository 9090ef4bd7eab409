namespace Determinism.Machine;

/// <summary>Makes the vCPUs of machines.</summary>
public interface IMachineBackend
{
    /// <summary>Its name on a command line.</summary>
    string Name { get; }

    /// <summary>Makes a machine's vCPUs, reset, over fresh memory.</summary>
    /// <param name="configuration">The machine.</param>
    /// <exception cref="MachineRefusedException">The backend lacks what the machine needs.</exception>
    IGuestProcessors Create(MachineConfiguration configuration);
}

using Determinism.Kvm.Host;
using Determinism.Machine;

namespace Determinism.Kvm;

/// <summary>Makes machines whose vCPUs run in parallel on this computer's processor, by Linux KVM on x86-64.</summary>
/// <remarks>Thread-safe. What it cannot do is in docs/limits.md.</remarks>
public sealed class KvmBackend : IMachineBackend
{
    private readonly KvmOptions _options;

    /// <summary>Creates it; KVM is opened by each machine.</summary>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public KvmBackend(KvmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <inheritdoc />
    public string Name => "kvm";

    /// <summary>Why KVM cannot be used here; null if it can.</summary>
    /// <returns>A sentence or two: what is missing, and what would help.</returns>
    public string? FindObstacle()
    {
        try
        {
            using KvmHost host = KvmHost.Open(_options.Device);
            return null;
        }
        catch (KvmUnavailableException unavailable)
        {
            return unavailable.Message;
        }
    }

    /// <inheritdoc />
    /// <exception cref="KvmUnavailableException">There is no KVM here that can be used.</exception>
    /// <exception cref="KvmException">KVM refused to make the machine.</exception>
    /// <exception cref="MachineRefusedException">This backend has not the machine's clock, frames or memory.</exception>
    public IGuestProcessors Create(MachineConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new KvmProcessors(configuration, _options);
    }
}

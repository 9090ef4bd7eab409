using Determinism.Emulation;
using Determinism.Kvm;
using Determinism.Machine;

namespace Determinism.SharingOverhead;

/// <summary>What can run vCPUs.</summary>
internal static class BackendNames
{
    public const string Managed = "managed";
    public const string Kvm = "kvm";

    /// <summary>The backend of a name.</summary>
    /// <exception cref="KvmUnavailableException">This computer does not have it.</exception>
    public static IMachineBackend Find(string name)
    {
        if (name == Managed)
            return new ManagedBackend();
        var kvm = new KvmBackend(new KvmOptions());
        return kvm.FindObstacle() is { } obstacle ? throw new KvmUnavailableException(obstacle) : kvm;
    }
}

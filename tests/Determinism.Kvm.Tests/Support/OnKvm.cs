using Determinism.Emulation;
using Determinism.Machine;

namespace Determinism.Kvm.Tests;

/// <summary>The backends, and whether KVM is here.</summary>
internal static class OnKvm
{
    public static KvmOptions Options { get; } = new();

    public static KvmBackend Backend { get; } = new(Options);

    private static readonly string? s_obstacle = Backend.FindObstacle();

    /// <summary>Skips the test, with the reason, where there is no KVM.</summary>
    public static void Need() => Skip.If(s_obstacle is not null, s_obstacle);

    public static IMachineBackend Find(string name) => name == "kvm" ? Backend : new ManagedBackend();
}

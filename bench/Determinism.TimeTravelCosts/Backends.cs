using Determinism.Emulation;
using Determinism.Kvm;
using Determinism.Machine;

namespace Determinism.TimeTravelCosts;

/// <summary>Where guests run.</summary>
internal static class Backends
{
    public static string[] Names { get; } = ["kvm", "managed"];

    public static KvmBackend Kvm { get; } = new(new KvmOptions());

    public static ManagedBackend Managed { get; } = new();

    public static IMachineBackend Find(string name) => name == "kvm" ? Kvm : Managed;

    public static ClockKind ClockOf(string name) => name == "kvm" ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions;
}

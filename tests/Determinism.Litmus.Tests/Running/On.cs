using Determinism.Emulation;
using Determinism.Kvm;
using Determinism.Machine;
using Determinism.Scheduling;

namespace Determinism.Litmus.Tests.Running;

/// <summary>How tests run on a backend.</summary>
internal static class On
{
    public const ulong Slice = 16;

    private static readonly KvmBackend s_kvm = new(new KvmOptions());
    private static readonly string? s_obstacle = s_kvm.FindObstacle();

    /// <summary>Recordings under chaos; skips the test, with the reason, where the backend is missing.</summary>
    public static RunSettings Chaos(string backend, VariableLayout layout = VariableLayout.Page)
    {
        Skip.If(backend == "kvm" && s_obstacle is not null, s_obstacle);
        return new RunSettings
        {
            Backend = Find(backend), Layout = layout, Iterations = 100,
            Clock = backend == "kvm" ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions,
            MakeScheduler = static (seed, vcpus) => new ChaosScheduler(seed, vcpus, Slice),
        };
    }

    public static IMachineBackend Find(string backend) => backend == "kvm" ? s_kvm : new ManagedBackend();
}

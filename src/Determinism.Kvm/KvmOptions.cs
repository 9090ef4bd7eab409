namespace Determinism.Kvm;

/// <summary>How the KVM backend runs its vCPUs.</summary>
public sealed record KvmOptions
{
    /// <summary>The device to open.</summary>
    public string Device { get; init; } = "/dev/kvm";

    /// <summary>The real-time signal that makes a vCPU leave the guest when its session ends: 35 to 64; 34 is the .NET
    /// runtime's own. It is blocked in the threads of vCPUs, and lets KVM_RUN return; nobody handles it.</summary>
    public int KickSignal { get; init; } = 45;

    /// <summary>The most pieces that the views of memory of a machine's vCPUs may fall into, all together; at least 16, which
    /// each vCPU has in any case. Each costs the kernel a mapping, of which a process has 65,530 unless
    /// vm.max_map_count says otherwise. Beyond its share a vCPU's view is closed, and rights that are still held come
    /// back as they are used.</summary>
    public int MostPieces { get; init; } = 24_576;

    /// <summary>What to note by when each vCPU was inside KVM_RUN, for measurements. Default: nothing is noted.</summary>
    internal TimeProvider? RunClock { get; init; }

    /// <summary>What any instruction needs at once, and more.</summary>
    internal const int LeastPieces = 16;

    /// <summary>The privilege level that guests run at; only tests of what hosts do with level 0 change it.</summary>
    internal byte PrivilegeLevel { get; init; } = 3;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Device);
        ArgumentOutOfRangeException.ThrowIfLessThan(KickSignal, 35);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KickSignal, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostPieces, LeastPieces);
    }
}

namespace Determinism.Kvm;

/// <summary>How the KVM backend runs its vCPUs.</summary>
public sealed record KvmOptions
{
    /// <summary>The device to open.</summary>
    public string Device { get; init; } = "/dev/kvm";

    /// <summary>Time for kicking vCPUs that do not come to a poll; none of it reaches the guest.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>How long a running vCPU may leave a request unanswered before it is made to leave the guest by a signal. Not
    /// a point, and no part of a handover: a guest that polls never sees it. More than zero.</summary>
    public TimeSpan KickAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The real-time signal for kicks: 34 to 64. It is blocked in the threads of vCPUs, and lets KVM_RUN
    /// return; nobody handles it.</summary>
    public int KickSignal { get; init; } = 45;

    /// <summary>The most pieces that one vCPU's view of memory may fall into, at least 16: each costs the kernel a mapping,
    /// of which a process has 65,530 unless vm.max_map_count says otherwise. Beyond it the view is closed, and
    /// rights that are still held come back as they are used.</summary>
    public int MostPieces { get; init; } = 4096;

    /// <summary>Whether to note when each vCPU was inside KVM_RUN; for measurements.</summary>
    public bool NotesRuns { get; init; }

    /// <summary>The privilege level that guests run at; only tests of what hosts do with level 0 change it.</summary>
    internal byte PrivilegeLevel { get; init; } = 3;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Device);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KickAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KickAfter, TimeSpan.FromHours(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(KickSignal, 34);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KickSignal, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostPieces, 16);
    }
}

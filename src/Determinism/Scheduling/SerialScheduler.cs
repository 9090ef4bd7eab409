namespace Determinism.Scheduling;

/// <summary>One vCPU at a time: whoever runs, or touches memory, holds the one baton.</summary>
/// <remarks>
/// The baton is a pseudo-frame under the same ownership as all others, so the order in which it changes hands is in the
/// log like any other order. A running holder keeps it for a quantum; one that waits gives it at once.
/// </remarks>
/// <param name="quantum">How long a vCPU runs while others wait.</param>
public sealed class SerialScheduler(TimeSpan quantum) : RecordingScheduler
{
    /// <summary>Creates it with a quantum of one millisecond.</summary>
    public SerialScheduler()
        : this(TimeSpan.FromMilliseconds(1))
    {
    }

    /// <inheritdoc />
    public override OwnershipScope Scope => OwnershipScope.Machine;

    /// <inheritdoc />
    public override SharingPolicy Sharing { get; } = new() { HoldTime = quantum };

    /// <inheritdoc />
    public override bool MayDelay => false;

    /// <inheritdoc />
    public override RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt) => new(stopAt);
}

namespace Determinism.Scheduling;

/// <summary>Lets every vCPU run freely; ownership of frames alone orders them.</summary>
/// <param name="holdTime">How long a holder keeps a frame that was handed to it before it is asked.</param>
public sealed class ParallelScheduler(TimeSpan holdTime) : RecordingScheduler
{
    /// <summary>Creates it with a hold time of 200 µs: on the machines measured a handover costs about 100 µs, and a
    /// holder should do more than pay for getting the frame.</summary>
    public ParallelScheduler()
        : this(TimeSpan.FromTicks(2_000))
    {
    }

    /// <inheritdoc />
    public override OwnershipScope Scope => OwnershipScope.Frames;

    /// <inheritdoc />
    public override TimeSpan HoldTime => holdTime;

    /// <inheritdoc />
    public override bool MayDelay => false;

    /// <inheritdoc />
    public override RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt) => new(stopAt);
}

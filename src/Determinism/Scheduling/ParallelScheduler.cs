namespace Determinism.Scheduling;

/// <summary>Lets every vCPU run freely; ownership of frames alone orders them.</summary>
/// <param name="sharing">What is done to make sharing cheaper.</param>
public sealed class ParallelScheduler(SharingPolicy sharing) : RecordingScheduler
{
    /// <summary>Creates it with what paid on the machines measured: a hold time of twice what a handover takes, 200 µs at most,
    /// since a holder should do more than pay for getting the frame, up to 1 ms where frames go to and fro; frames that come
    /// along; and turns of 10 ms where vCPUs would only hand frames to each other.</summary>
    public ParallelScheduler()
        : this(new SharingPolicy
        {
            HoldTime = TimeSpan.FromTicks(2_000), LongestHold = TimeSpan.FromMilliseconds(1),
            Turn = TimeSpan.FromMilliseconds(10), FaultAround = 64,
        })
    {
    }

    /// <summary>Creates it with a hold time alone.</summary>
    /// <param name="holdTime">How long a holder keeps a frame that was handed to it before it is asked.</param>
    public ParallelScheduler(TimeSpan holdTime)
        : this(new SharingPolicy { HoldTime = holdTime })
    {
    }

    /// <inheritdoc />
    public override OwnershipScope Scope => OwnershipScope.Frames;

    /// <inheritdoc />
    public override SharingPolicy Sharing { get; } = Guard.NotNull(sharing);

    /// <inheritdoc />
    public override bool MayDelay => false;

    /// <inheritdoc />
    public override RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt) => new(stopAt);
}

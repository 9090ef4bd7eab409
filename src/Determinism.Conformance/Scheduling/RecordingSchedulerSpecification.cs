namespace Determinism.Conformance;

/// <summary>What a scheduler for recordings does besides.</summary>
public abstract class RecordingSchedulerSpecification : VcpuSchedulerSpecification
{
    /// <summary>Constraints are made while recording; waiting for one is a bug of the caller.</summary>
    [Fact]
    public void A_recording_has_no_constraints_to_wait_for() => Within(() => Assert.Throws<InvalidOperationException>(
        () => Make(2).WaitFor(0, new OrderingConstraint(1, 1))));

    /// <summary>Agents complete events all the time.</summary>
    [Fact]
    public void Events_keep_nobody_waiting() => Within(() =>
    {
        IVcpuScheduler scheduler = Make(2);
        Aside.Finish(Patience, "Publishing", Aside.Run(() =>
        {
            for (ulong number = 1; number <= 10_000; number++)
                scheduler.Publish(0, number);
        }));
    });
}

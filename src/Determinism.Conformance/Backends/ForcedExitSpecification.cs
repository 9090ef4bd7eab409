namespace Determinism.Conformance;

/// <summary>What a backend does that has <see cref="IForcedExit"/>: a session can end whatever the guest does.</summary>
public abstract class ForcedExitSpecification : BackendSpecification
{
    private const ulong Long = ulong.MaxValue >> 2;

    /// <summary>Also a guest that never comes to a place where it could be stopped.</summary>
    [Fact]
    public void A_running_vcpu_that_is_forced_leaves() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(Long), GuestStep.Exit(1));
        bool isForced = false;
        Task<GuestExit> inside = Aside.Run(() =>
        {
            GuestExit exit;
            do
                exit = run.RunOnce(0);
            while (exit.Kind == ExitKind.Host && !Volatile.Read(ref isForced));
            return exit;
        });
        Aside.StillWaits(inside, "It left by itself.");
        Volatile.Write(ref isForced, true);
        Force(run, 0);
        Aside.Finish(Patience, "The forced exit", inside);
        Assert.NotEqual(ExitKind.Synchronous, inside.Result.Kind);
    });

    /// <summary>The session may end while the vCPU is on its way in.</summary>
    [Fact]
    public void A_vcpu_that_was_forced_outside_leaves_as_soon_as_it_enters() => Within(() =>
    {
        using GuestRun run = Start(AccessRight.ReadWrite, GuestStep.Work(Long), GuestStep.Exit(1));
        Force(run, 0);
        Task<GuestExit> inside = Aside.Run(() => run.RunOnce(0));
        Aside.Finish(Patience, "The forced exit", inside);
        Assert.NotEqual(ExitKind.Synchronous, inside.Result.Kind);
    });

    private static void Force(GuestRun run, int vcpu) =>
        Assert.IsAssignableFrom<IForcedExit>(run.Backend).ForceExit(vcpu);
}

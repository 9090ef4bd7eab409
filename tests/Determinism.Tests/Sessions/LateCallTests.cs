using Determinism.Tests.Scripted;

namespace Determinism.Tests.Sessions;

/// <summary>The machine may be gone once a session has ended: what comes later does not reach it.</summary>
public sealed class LateCallTests : IDisposable
{
    private readonly Driven _driven = new(1);

    /// <summary>Each kind of session, and both ways to end it.</summary>
    public static TheoryData<string, bool> Ends => new()
    {
        { "recording", true },
        { "recording", false },
        { "replay", true },
        { "replay", false },
        { "unrecorded", true },
        { "unrecorded", false },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void After_the_end_calls_from_outside_do_nothing(string kind, bool isCompleted)
    {
        using ExecutionSession session = Start(kind);
        session.Agent(0).End();
        End(session, isCompleted);
        bool wasOver = session.IsOver;
        Exception? failure = session.Failure;
        _driven.Backend.OnKick = static () => Assert.Fail("The machine is gone.");

        session.Agent(0).Wake();
        session.StopWaiting();
        session.Fail(new InvalidOperationException("late"));
        session.Cancel();
        session.Dispose();

        Assert.Equal(wasOver, session.IsOver);
        Assert.Same(failure, session.Failure);
    }

    // A replay does not ask a vCPU to leave when it is woken, but does when it is cancelled.
    [Theory]
    [MemberData(nameof(Ends))]
    public void The_end_waits_for_a_call_from_outside_that_is_under_way(string kind, bool isCompleted)
    {
        using ExecutionSession session = Start(kind);
        session.Agent(0).End();
        using var isIn = new ManualResetEventSlim();
        var mayGo = new ManualResetEventSlim();
        bool isGone = false, wasGone = false;
        Thread? outside = null;
        _driven.Backend.OnKick = () =>
        {
            if (Thread.CurrentThread != Volatile.Read(ref outside) || isIn.IsSet)
                return;
            isIn.Set();
            mayGo.Wait();
            wasGone = Volatile.Read(ref isGone);
        };
        outside = new Thread(kind == "replay" ? session.Cancel : session.Agent(0).Wake) { IsBackground = true };
        outside.Start();
        isIn.Wait();

        var ends = new Thread(() =>
        {
            End(session, isCompleted);
            Volatile.Write(ref isGone, true);
        })
        {
            IsBackground = true,
        };
        ends.Start();
        // It waits, or has ended although it should have waited.
        Driven.Until(() => (ends.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0, "for the end.");
        mayGo.Set();
        outside.Join();
        ends.Join();
        Assert.False(wasGone);
        Assert.True(isGone);
    }

    public void Dispose() => _driven.Dispose();

    private ExecutionSession Start(string kind)
    {
        switch (kind)
        {
            case "recording":
                return _driven.Record();
            case "unrecorded":
                return _driven.Unrecorded();
            default:
                using (Recording.RecordingSession session = _driven.Record())
                {
                    session.Agent(0).End();
                    session.Complete();
                }
                return _driven.Replay(_driven.Backend);
        }
    }

    private static void End(ExecutionSession session, bool isCompleted)
    {
        if (isCompleted)
            session.Complete();
        else
            session.Dispose();
    }
}

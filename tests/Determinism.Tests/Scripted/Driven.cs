using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Tests.Scripted;

/// <summary>Sessions over a <see cref="FakeBackend"/>, driven call by call.</summary>
internal sealed class Driven(int vcpus, int devices = 0, ClockKind clock = ClockKind.RetiredInstructions) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public MachineShape Shape { get; } = new()
    {
        VcpuCount = vcpus, DeviceAgentCount = devices, MemoryBytes = 1 << 16, PseudoFrameCount = 2,
    };

    public FakeBackend Backend { get; init; } = new(vcpus, clock);

    public MemoryEventLog Log { get; } = new(vcpus + devices);

    public RecordingOptions Options { get; init; } = new()
    {
        Scheduler = new ParallelScheduler(TimeSpan.Zero), Time = TimeProvider.System, Guest = "driven", InitialState = 1,
        AnswerTimeout = TimeSpan.FromSeconds(30), DigestInterval = 0,
    };

    public RecordingSession Record() => RecordingSession.Start(Backend, Shape, Log, Options);

    public ReplaySession Replay(FakeBackend? backend = null, IInstructionText? text = null, IEventLogReader? log = null) =>
        ReplaySession.Start(backend ?? new FakeBackend(vcpus, clock), log ?? Log, new ReplayOptions
        {
            Guest = "driven", InitialState = 1, Text = text,
        });

    public UnrecordedSession Unrecorded() => UnrecordedSession.Start(Backend, Shape, Options.Trace);

    public static MemoryAccess Word(ulong address, AccessRight right) => new(address, sizeof(ulong), right);

    /// <summary>Takes a vCPU into the guest and out of it again at a count.</summary>
    public static bool RunTo(AgentSession agent, FakeBackend backend, ulong count, ExitKind kind)
    {
        if (!agent.TryEnter(out _))
            return false;
        backend.Points[agent.Id] = new ExecutionPoint(count, count, 0, 0);
        agent.Exited(kind);
        return true;
    }

    /// <summary>Runs something on a thread of its own, for calls that wait.</summary>
    public static Task Aside(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits until something holds; fails if it never does.</summary>
    public static void Until(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, s_patience), "Waited in vain: " + what);

    public static void Finishes(Task task)
    {
        Until(() => task.IsCompleted, "for a call to return.");
        task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for something long; fails if it takes no step for a while.</summary>
    public static void FinishesStepByStep(Task task, Func<ulong> countSteps)
    {
        ulong last = countSteps();
        while (Task.WaitAny([task], s_patience) < 0)
        {
            ulong now = countSteps();
            Assert.True(now != last, $"Waited in vain: for a step after {now}.");
            last = now;
        }
        task.GetAwaiter().GetResult();
    }

    public void Dispose() => Log.Dispose();
}

using System.Runtime.ExceptionServices;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;

namespace Determinism.Tests.Scripted;

public enum SchedulerKind
{
    Parallel,
    Greedy,
    Around,
    Serial,
    Chaos,
}

/// <summary>How a program is recorded and replayed.</summary>
internal sealed record ScriptedRun(ProgramShape Shape)
{
    private const string Guest = "script";

    private ScriptProgram? _program;

    /// <summary>Made from <see cref="Shape"/>, unless a test has written its own.</summary>
    public ScriptProgram Program
    {
        get => _program ??= Shape.Build();
        init => _program = value;
    }

    public ClockKind Clock { get; init; } = ClockKind.RetiredInstructions;

    public SchedulerKind Scheduler { get; init; } = SchedulerKind.Greedy;

    public ulong Seed { get; init; }

    public Hazards Hazards { get; init; } = Hazards.None;

    public bool ReduceConstraints { get; init; } = true;

    public int DigestInterval { get; init; } = 16;

    public bool KeepStates { get; init; }

    public Plant Plant { get; init; }

    public Action<ExecutionSession, int>? BeforeEntry { get; init; }

    public int Seconds { get; init; } = 60;

    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Records; throws what the recording throws.</summary>
    public Outcome Record(IEventLog log, AccessTrace? trace = null) => Thrown(TryRecord(log, trace, out _));

    /// <summary>Records; what it throws is in the outcome.</summary>
    public Outcome TryRecord(IEventLog log, AccessTrace? trace, out RecordingSession session)
    {
        var machine = new ScriptedMachine(Program, Clock, Hazards, trace, Seed) { BeforeEntry = BeforeEntry };
        session = RecordingSession.Start(machine.Backend, Program.Shape, log, new RecordingOptions
        {
            Scheduler = MakeScheduler(),
            Time = TimeProvider.System,
            Guest = Guest,
            InitialState = 0,
            ReduceConstraints = ReduceConstraints,
            DigestInterval = DigestInterval,
            KeepStates = KeepStates,
            AnswerTimeout = AnswerTimeout,
            SharedFrames = Program.SharedFrames,
        });
        session.Plant = Plant;
        return Finish(machine, session);
    }

    /// <summary>Replays; throws what the replay throws.</summary>
    public Outcome Replay(IEventLogReader log, bool withholdConstraints = false, ulong hazardSeed = 99) =>
        Thrown(TryReplay(log, withholdConstraints, hazardSeed));

    /// <summary>Replays; what it throws is in the outcome.</summary>
    public Outcome TryReplay(IEventLogReader log, bool withholdConstraints = false, ulong hazardSeed = 99)
    {
        // Nothing of the outside may be asked for: another seed would show.
        var machine = new ScriptedMachine(Program, Clock, Hazards with { Seed = hazardSeed }, null, ~Seed);
        ReplaySession session = ReplaySession.Start(machine.Backend, log, new ReplayOptions
        {
            Guest = Guest, InitialState = 0, WithholdConstraints = withholdConstraints,
        });
        return Finish(machine, session) with { ReachedEveryEnd = session.ReachedEveryEnd };
    }

    private Outcome Finish(ScriptedMachine machine, ExecutionSession session)
    {
        Outcome outcome = machine.Run(session, Seconds);
        try
        {
            session.Complete();
            return outcome;
        }
        catch (DeterminismException error)
        {
            return outcome with { Failure = error };
        }
    }

    private static Outcome Thrown(Outcome outcome)
    {
        if (outcome.Failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        return outcome;
    }

    private IVcpuScheduler MakeScheduler() => Scheduler switch
    {
        // No turns: the monitor of law L1 watches views, and a vCPU that waits for its turn keeps its view open.
        SchedulerKind.Parallel => new ParallelScheduler(TimeSpan.FromTicks(2_000)),
        SchedulerKind.Greedy => new ParallelScheduler(TimeSpan.Zero),
        SchedulerKind.Around => new ParallelScheduler(new SharingPolicy { FaultAround = 6 }),
        SchedulerKind.Serial => new SerialScheduler(TimeSpan.FromTicks(500)),
        _ => new ChaosScheduler(Seed, Program.Shape.VcpuCount, 16),
    };
}

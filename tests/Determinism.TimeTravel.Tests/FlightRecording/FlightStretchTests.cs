using Determinism.Checkpoints;
using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;
using Determinism.TimeTravel.Tests.Attaching;
using Determinism.TimeTravel.Tests.GoingLive;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.FlightRecording;

/// <summary>Flight recordings of machines that run already, that are left again, and that others go on from.</summary>
public sealed class FlightStretchTests(ITestOutputHelper output) : IDisposable
{
    private const int Seed = 11;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stretch");

    [SkippableTheory]
    [InlineData("racy", ClockKind.RetiredInstructions, "managed", true)]
    [InlineData("racy", ClockKind.SoftwareCounter, "kvm", true)]
    [InlineData("devices", ClockKind.SoftwareCounter, "managed", false)]
    public void A_running_machine_is_recorded_for_a_while_and_the_newest_part_replays(string guest, ClockKind clock, string backend, bool drops)
    {
        if (backend == "kvm")
            Recorded.NeedKvm();
        using GuestMachine machine = Stretches.NewMachine(guest, clock, backend, Seed);
        using FlightRecorder recorder = NewRecorder(machine.Configuration, drops ? 160 << 10 : 64 << 20);
        using (var running = new RunningMachine(machine, TimeProvider.System))
        {
            running.Attach(recorder.Log, new ChaosScheduler(Seed, 2), options => options with
            {
                DigestInterval = 1, KeepStates = true, Checkpoints = recorder.CheckpointsOf(machine),
            });
            SpinWait.SpinUntil(() => running.HasEnded || (drops ? recorder.Status.OldestCheckpoint > 1 : recorder.Status.WholeCheckpoints > 0));
            running.Detach();
        }
        output.WriteLine(recorder.Status.ToString());
        using FileEventLogReader log = Verify();
        Assert.Equal(drops, log.IsBeginningDropped);
        Assert.NotNull(LogEnd.Find(log));
        Replay(log, "managed");
        if (backend == "kvm")
            Replay(log, "kvm");

        // A debugger comes to the end and no further, and another execution goes on there.
        using var travel = new Machine.TimeTravel(log, Recorded.Managed, TimeProvider.System);
        travel.GoTo(LogEnd.Find(log)!);
        using var history = new Emulation.History.RecordedHistory(log);
        history.Advance(ulong.MaxValue, null, default);
        Assert.Equal((0, MachineState.DigestOf(travel.Machine)), (history.NextThread, MachineState.DigestOf(history.Machine)));
        // At the speed of the hardware there is too much left for the managed machine.
        if (backend == "kvm")
            return;
        Child child = Child.Run(travel.TakeSnapshot(), travel.Configuration, "managed", Seed);
        Assert.Equal(StateDigest.Of(travel.Machine), child.StateAtStart());
        Assert.True(ParentLog.Find(child.Log)!.IsOf(log));
    }

    [Theory]
    [InlineData("racy", ClockKind.RetiredInstructions)]
    [InlineData("devices", ClockKind.SoftwareCounter)]
    public void From_what_is_kept_another_execution_goes_on_and_is_kept_in_part_itself(string guest, ClockKind clock)
    {
        // Enough is kept for what goes on from its beginning to drop something.
        var options = new FlightRecorderOptions { KeepBytes = 2 << 20, Time = TimeProvider.System };
        using FlightRun run = FlightRun.RecordDropped(guest, clock, Recorded.Managed, Seed, options, length: 24);
        using var parent = new FileEventLogReader(run.Path);
        Assert.True(parent.IsBeginningDropped);
        using var travel = new Machine.TimeTravel(parent, Recorded.Managed, TimeProvider.System);
        travel.GoToEvent(0, run.Status.OldestEvents[0] + 20);
        ReplaySnapshot there = travel.TakeSnapshot();
        Child child = Child.Run(there, travel.Configuration, "managed", Seed);
        Assert.Equal(StateDigest.Of(travel.Machine), child.StateAtStart());
        Assert.Null(child.Replay("managed"));
        Assert.True(ParentLog.Find(child.Log)!.IsOf(parent));

        // The same into a flight recorder: it begins at the state, and later behind it.
        ulong drawn = Seed;
        using var machine = new GuestMachine(travel.Configuration, Recorded.Managed, new MachineSurroundings
        {
            Time = TimeProvider.System, TimeLimit = TimeSpan.FromMinutes(2), Entropy = () => ++drawn * 0x9E3779B97F4A7C15,
        });
        using FlightRecorder recorder = NewRecorder(travel.Configuration, 64 << 10);
        using (RecordingSession session = MachineRuns.StartRecording(machine, recorder.Log, new ChaosScheduler(Seed, 2), TimeProvider.System,
            made => made with { From = there, DigestInterval = 1, KeepStates = true, Checkpoints = recorder.CheckpointsOf(machine) }))
        {
            Assert.Equal(1, recorder.Status.WholeCheckpoints);
            machine.Run(session);
        }
        output.WriteLine(recorder.Status.ToString());
        using FileEventLogReader log = Verify();
        Assert.True(log.IsBeginningDropped);
        Assert.True(LogCheckpoints.ReadFrom(log).Start!.Number > 1);
        // The parent is named in what is never dropped.
        Assert.True(ParentLog.Find(log)!.IsOf(parent));
        Replay(log, "managed");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Path => System.IO.Path.Combine(_folder.FullName, "log");

    private FlightRecorder NewRecorder(MachineConfiguration configuration, long bytes) => new(Path, configuration.Shape.AgentCount,
        new FlightRecorderOptions { KeepBytes = bytes, Time = TimeProvider.System, CheckpointInterval = TimeSpan.FromMilliseconds(20) });

    private FileEventLogReader Verify()
    {
        LogVerification found = LogVerifier.Verify(Path);
        Assert.True(found.IsIntact, string.Join('\n', found.Problems));
        Assert.True(found is { IsComplete: true, IsOrderChecked: true });
        return new FileEventLogReader(Path);
    }

    private static void Replay(FileEventLogReader log, string backend)
    {
        // The final state is in the log, and is compared.
        Assert.True(log.TryReadBlock(BlockKind.FinalState, out _));
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), Recorded.Find(backend), FlightRun.Surroundings);
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
        Assert.True(session.ReachedEveryEnd);
    }
}

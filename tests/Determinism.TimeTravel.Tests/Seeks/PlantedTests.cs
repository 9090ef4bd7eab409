using System.Runtime.InteropServices;
using Determinism.Checkpoints;
using Determinism.Machine;
using Determinism.Replaying;
using Determinism.TimeTravel.Tests.Support;
using Determinism.X86;

namespace Determinism.TimeTravel.Tests.Seeks;

/// <summary>Which mistakes the comparisons of this folder find: each is made on purpose.</summary>
public class PlantedTests
{
    private const int Rounds = 20;

    // Each takes half a minute.
    private const int MostHangs = 3;

    private int _hangs;

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void A_checkpoint_whose_cut_is_off_by_one_is_found(ClockKind clock) => AssertFound("racy", clock, seed =>
        Travel(Recorded.Make("racy", 2, clock, "managed", seed, 60, plant: Plant.CheckpointEventOffByOne), seed));

    [Fact]
    public void An_instruction_off_by_one_is_found() => AssertFound("racy", ClockKind.SoftwareCounter, seed => Travel(
        Recorded.Make("racy", 2, ClockKind.SoftwareCounter, "managed", seed, 60), seed, target => target.Instruction is { } point
            ? target with { Instruction = point with { Instructions = point.Instructions + 1 } }
            : target));

    // With the software counter, agents stand at checkpoints where no flag is alive: at polls and services.
    [Fact]
    public void A_flag_that_a_checkpoint_forgets_is_found() => AssertFound("flags", ClockKind.RetiredInstructions, seed => Travel(
        Recorded.Make("flags", 2, ClockKind.RetiredInstructions, "managed", seed, 20, inner => new Forgetful(inner, Forgetful.WithoutFlags)), seed));

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void Devices_that_a_checkpoint_forgets_are_found(ClockKind clock) => AssertFound("devices", clock, seed =>
        Travel(Recorded.Make("devices", 2, clock, "managed", seed, 40, inner => new Forgetful(inner, WithoutDevices)), seed));

    [SkippableTheory]
    [InlineData("flags", "flags")]
    [InlineData("devices", "devices")]
    public void What_a_machine_forgets_that_is_taken_over_from_Kvm_is_found(string what, string guest)
    {
        Recorded.NeedKvm();
        Func<ICheckpointState, ICheckpointState> wrap = inner => new Forgetful(inner, what == "flags" ? Forgetful.WithoutFlags : WithoutDevices);
        AssertFound(guest, ClockKind.SoftwareCounter, seed => TakeOver(guest, seed, wrap));
        // And it is nothing else that is found.
        Assert.Null(TakeOver(guest, 1, static inner => inner));
    }

    private static void AssertFound(string guest, ClockKind clock, Func<int, string?> find)
    {
        for (int seed = 1; seed <= Rounds; seed++)
        {
            if (find(seed) is not null)
                return;
        }
        Assert.Fail($"Nothing was found in {Rounds} recordings of {guest} with the clock {clock}.");
    }

    private string? Travel(Recorded recorded, int seed, Func<Target, Target>? bend = null)
    {
        var random = new Random(seed);
        try
        {
            List<Target> targets = StraightStates.Collect(recorded, 1, random);
            return Journeys.FindDifference(recorded, bend is null ? targets : targets.ConvertAll(one => bend(one)), Recorded.Managed, null, 20, random);
        }
        catch (DeterminismException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException) when (++_hangs < MostHangs)
        {
            // A guest that misses what was forgotten may wait for it for ever: another recording has to show it.
            return null;
        }
    }

    /// <summary>Takes machines over by hand, so that something can be forgotten.</summary>
    private static string? TakeOver(string guest, int seed, Func<ICheckpointState, ICheckpointState> wrap)
    {
        var random = new Random(seed);
        Recorded recorded = Recorded.Make(guest, 2, ClockKind.SoftwareCounter, "kvm", seed, 1000);
        List<Target> targets = StraightStates.Collect(recorded, 1, random);
        for (int round = 0; round < 10; round++)
        {
            Target target = targets[random.Next(targets.Count)];
            if (target.Instruction is { Instructions: > 0 } || recorded.Cuts.FindTakeOver(target.Cut) is not { } cut)
                continue;
            try
            {
                ReplaySnapshot snapshot = Stand(recorded, Recorded.Kvm, null, cut, wrap, static (_, session) => session.TakeSnapshot());
                StateDigest found = Stand(recorded, Recorded.Managed, snapshot, target.Cut, wrap, static (machine, _) => StateDigest.Of(machine));
                if (found != target.State)
                    return $"{target.Name}: {found}";
            }
            catch (DeterminismException error)
            {
                return error.Message;
            }
        }
        return null;
    }

    private static T Stand<T>(Recorded recorded, IMachineBackend backend, ReplayStart? from, Cut until,
        Func<ICheckpointState, ICheckpointState> wrap, Func<GuestMachine, ReplaySession, T> look)
    {
        using var machine = new GuestMachine(recorded.Configuration, backend,
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0, TimeLimit = TimeSpan.FromSeconds(20) });
        using ReplaySession session = MachineRuns.StartReplay(machine, recorded.Log,
            options => options with { From = from, Until = until, State = wrap(machine) });
        Task run = Task.Factory.StartNew(() => machine.Run(session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            if (!session.WaitForCut())
                run.GetAwaiter().GetResult();
            return look(machine, session);
        }
        finally
        {
            session.Cancel();
            Task.WaitAny([run]);
        }
    }

    // Its handler, exit code, timer and inbox.
    private static void WithoutDevices(Span<byte> vcpu) => vcpu[(Marshal.SizeOf<X86Registers>() + 13)..].Clear();
}

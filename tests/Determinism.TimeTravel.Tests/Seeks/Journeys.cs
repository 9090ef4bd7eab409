using Determinism.Machine;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.Seeks;

/// <summary>Records, takes straight states, and travels between them at random.</summary>
internal static class Journeys
{
    public static string? FindDifference(string guest, int vcpus, ClockKind clock, string recorder, IMachineBackend? fast, int seed,
        int passes, int seeks, Action<string> tell)
    {
        var random = new Random(seed);
        Recorded recorded = Recorded.Make(guest, vcpus, clock, recorder, seed, random.Next(30, 150));
        List<Target> targets = StraightStates.Collect(recorded, passes, random);
        tell($"{guest}, {vcpus} vCPUs, {clock}, recorded on {recorder}, {(fast is null ? "managed" : "handed over")}, seed {seed}: "
            + $"{recorded.Cuts.Checkpoints.All.Count} checkpoints, {targets.Count} states of straight replays, {seeks} seeks");
        return FindDifference(recorded, targets, Recorded.Managed, fast, seeks, random) is { } difference
            ? $"seed {seed}, {difference}"
            : null;
    }

    public static string? FindDifference(Recorded recorded, IReadOnlyList<Target> targets, IMachineBackend backend, IMachineBackend? fast,
        int seeks, Random random)
    {
        using var travel = new Machine.TimeTravel(recorded.Log, backend, TimeProvider.System, fast);
        for (int seek = 0; seek < seeks; seek++)
        {
            Target target = targets[random.Next(targets.Count)];
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            if (target.Instruction is { } point)
                travel.GoToInstruction(point, cancellationToken: patience.Token);
            else
                travel.GoTo(target.Cut, cancellationToken: patience.Token);
            StateDigest found = StateDigest.Of(travel.Machine);
            if (found != target.State)
                return $"seek {seek}: at {target.Name} ({target.Cut}): {Describe(recorded, target, travel.Machine)}; {found} instead of {target.State}";
        }
        return null;
    }

    private static string Describe(Recorded recorded, Target target, GuestMachine found)
    {
        using var straight = new StraightReplay(recorded);
        StraightStates.Visit(straight, target);
        return MachineState.Capture(straight.Machine).FindDifference(MachineState.Capture(found)) ?? "no difference in a second straight replay";
    }
}

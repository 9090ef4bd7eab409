using Determinism.Debugging;
using Determinism.Emulation.History;
using Determinism.Machine;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.Histories;

/// <summary>Random moves of a debugger, backwards for the most part: each ends at the position and in the state that a straight walk
/// says.</summary>
public class ReverseTests(ITestOutputHelper output)
{
    private const int Seed = 20261124;

    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions)]
    [InlineData("racy", 4, ClockKind.SoftwareCounter)]
    [InlineData("devices", 2, ClockKind.RetiredInstructions)]
    [InlineData("devices", 3, ClockKind.SoftwareCounter)]
    [InlineData("radix", 2, ClockKind.SoftwareCounter)]
    [InlineData("radix", 4, ClockKind.RetiredInstructions)]
    public void In_a_recording_of_the_managed_machine(string guest, int vcpus, ClockKind clock) => Check(guest, vcpus, clock, "managed");

    [SkippableTheory]
    [InlineData("racy", 2)]
    [InlineData("racy", 4)]
    [InlineData("devices", 2)]
    [InlineData("radix", 3)]
    public void In_a_recording_of_Kvm(string guest, int vcpus)
    {
        Recorded.NeedKvm();
        Check(guest, vcpus, ClockKind.SoftwareCounter, "kvm");
    }

    private void Check(string guest, int vcpus, ClockKind clock, string recorder)
    {
        int seed = Seed + (1000 * vcpus) + (100 * (int)clock) + (10 * guest.Length);
        for (int round = 0; round < TestTier.Times(1, 4); round++, seed++)
        {
            var random = new Random(seed);
            Recorded recorded = Recorded.Make(guest, vcpus, clock, recorder, seed, random.Next(20, 60), isShort: true);
            StraightWalk walk = StraightWalk.Of(recorded, (ulong)TestTier.Times(20_000, 100_000));
            using var moves = new RandomMoves(recorded, walk, random);
            int count = TestTier.Times(20, 150);
            for (int move = 0; move < count; move++)
            {
                string? difference = moves.Move();
                Assert.True(difference is null, $"seed {seed}, move {move}: {difference}");
            }
            output.WriteLine($"{guest}, {vcpus} vCPUs, {clock}, recorded on {recorder}, seed {seed}: "
                + $"{recorded.Cuts.Checkpoints.All.Count} checkpoints, {walk.Length} steps, {moves}");
        }
    }
}

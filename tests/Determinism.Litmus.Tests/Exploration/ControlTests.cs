using Determinism.Diagnostics;
using Determinism.Emulation.Exploration;

namespace Determinism.Litmus.Tests.Exploration;

/// <summary>Recordings that are wrong do not pass: the replays are real.</summary>
public class ControlTests
{
    [Theory]
    [InlineData(nameof(Plant.LoseConstraint))]
    [InlineData(nameof(Plant.SkipReduction))]
    [InlineData(nameof(Plant.PointOffByOne))]
    public void A_planted_mistake_is_found(string plant)
    {
        LitmusTest test = Suite.Find("MP");
        var guest = new ExploredGuest(test);
        Assert.ThrowsAny<DeterminismException>(() =>
        {
            // Without its constraints a replay may go right by chance; not as often as this.
            for (int time = 0; time < 50; time++)
                Explorer.Explore(guest.Configure(), machine => guest.Read(machine).TextOf(test, guest.Variables),
                    new ExplorationOptions { Reduces = false }, session => session.Plant = Enum.Parse<Plant>(plant), default);
        });
    }
}

using Determinism.SharingOverhead.Measuring;

namespace Determinism.SharingOverhead.Tests;

public sealed class CaseTests
{
    [Fact]
    public void RoundsBeginWithOneAfterTheOtherAndReplayWhatWasJustRecorded()
    {
        var settings = new Settings
        {
            Guests = ["migratory"], Backend = BackendNames.Managed, Clock = ClockKind.RetiredInstructions, IsLarge = false, Vcpus = [2],
            Repeat = 1, Policies = ["default", "at-once"], PageShift = 12, Limit = TimeSpan.FromMinutes(1), Pins = false,
        };
        using var pollFree = new PollFreeGuests(settings);
        Subject subject = Subject.Of(settings, pollFree).Single();
        var measured = new Case(settings, BackendNames.Find(settings.Backend), subject, vcpus: 2);
        var begun = new HashSet<Variant>();
        int count = measured.InTurn(0).Count();
        for (int round = 0; round < 2 * count; round++)
        {
            List<Variant> inTurn = [.. measured.InTurn(round)];
            Assert.Equal(count, inTurn.Distinct().Count());
            Assert.Equal(inTurn.IndexOf(measured.Recorded[0]) + 1, inTurn.IndexOf(measured.Replayed));
            begun.Add(inTurn[0]);
        }
        Assert.Equal(count - 1, begun.Count);
    }
}

using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.Seeks;

/// <summary>Random journeys by event, by count, by instruction, over one backend or two: each comes to the state that a straight
/// replay has there.</summary>
public class SeekTests(ITestOutputHelper output)
{
    private const int Seed = 20261124;

    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions)]
    [InlineData("racy", 4, ClockKind.RetiredInstructions)]
    [InlineData("racy", 3, ClockKind.SoftwareCounter)]
    [InlineData("devices", 2, ClockKind.RetiredInstructions)]
    [InlineData("devices", 3, ClockKind.SoftwareCounter)]
    [InlineData("radix", 2, ClockKind.SoftwareCounter)]
    [InlineData("radix", 4, ClockKind.RetiredInstructions)]
    public void In_a_recording_of_the_managed_machine(string guest, int vcpus, ClockKind clock) =>
        Check(guest, vcpus, clock, "managed", null);

    [SkippableTheory]
    [InlineData("racy", 2, "managed")]
    [InlineData("racy", 2, "kvm")]
    [InlineData("racy", 4, "kvm")]
    [InlineData("devices", 2, "managed")]
    [InlineData("devices", 2, "kvm")]
    [InlineData("devices", 4, "kvm")]
    [InlineData("flags", 2, "kvm")]
    [InlineData("flags", 2, "managed")]
    [InlineData("radix", 2, "kvm")]
    [InlineData("radix", 4, "kvm")]
    public void Over_Kvm(string guest, int vcpus, string recorder)
    {
        Recorded.NeedKvm();
        Check(guest, vcpus, ClockKind.SoftwareCounter, recorder, Recorded.Kvm);
    }

    private void Check(string guest, int vcpus, ClockKind clock, string recorder, Machine.IMachineBackend? fast)
    {
        int seed = Seed + (1000 * vcpus) + (100 * (int)clock) + (10 * guest.Length);
        for (int round = 0; round < TestTier.Times(1, 4); round++)
        {
            string? difference = Journeys.FindDifference(guest, vcpus, clock, recorder, fast, seed + round,
                passes: TestTier.Times(2, 6), seeks: TestTier.Times(12, 160), output.WriteLine);
            Assert.True(difference is null, difference);
        }
    }
}

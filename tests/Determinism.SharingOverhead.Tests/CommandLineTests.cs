namespace Determinism.SharingOverhead.Tests;

public class CommandLineTests
{
    [Fact]
    public void ListsAreSeparatedByCommasAndSpaces()
    {
        Settings settings = Read("--guests", "radix,lu", "fft", "--vcpus", "1", "2,4", "--policy", "hold,at-once");
        Assert.Equal(["radix", "lu", "fft"], settings.Guests);
        Assert.Equal([1, 2, 4], settings.Vcpus);
        Assert.Equal(["hold", "at-once"], settings.Policies);
    }

    [Fact]
    public void DefaultsAreTheProjectsGuestsAndTheLibrarysPolicy()
    {
        Settings settings = Read();
        Assert.Contains("radix", settings.Guests);
        Assert.Contains("falseshare", settings.Guests);
        Assert.DoesNotContain("hello", settings.Guests);
        Assert.Equal([2], settings.Vcpus);
        Assert.Equal([Policies.Default], settings.Policies);
        Assert.Equal(12, settings.PageShift);
        Assert.Equal(ClockKind.RetiredInstructions, settings.Clock);
        Assert.False(settings.IsLarge);
        Assert.True(settings.Pins);
    }

    [Fact]
    public void GuestOfOnesOwnTakesWhatFollowsTheDashes()
    {
        Settings settings = Read("--guest", "mine.elf", "--repeat", "3", "--", "7", "64");
        Assert.Equal("mine.elf", settings.GuestFile);
        Assert.Equal([7UL, 64UL], settings.GuestArguments);
        Assert.Equal(3, settings.Repeat);
    }

    [Fact]
    public void KvmCountsPolls() => Assert.Equal(ClockKind.SoftwareCounter, Read("--backend", "kvm").Clock);

    [Theory]
    [InlineData("--guests", "radix,nosuch")]
    [InlineData("--policy", "nosuch")]
    [InlineData("--vcpus", "0")]
    [InlineData("--vcpus", "65")]
    [InlineData("--vcpus", "two")]
    [InlineData("--repeat", "0")]
    [InlineData("--page-size", "100")]
    [InlineData("--page-size", "32")]
    [InlineData("--size", "L")]
    [InlineData("--backend", "xen")]
    [InlineData("--guest", "mine.elf", "--guests", "radix")]
    [InlineData("--backend", "kvm", "--clock", "instructions")]
    [InlineData("--from", "out.json", "--guests", "radix")]
    [InlineData("--guest", "mine.elf", "--", "x")]
    [InlineData("--", "7")]
    public void WrongUsageIsRefused(params string[] args)
    {
        bool hasRun = false;
        int code = new CommandLine().Invoke(args, _ =>
        {
            hasRun = true;
            return 0;
        });
        Assert.Equal(CommandLine.UsageExitCode, code);
        Assert.False(hasRun);
    }

    [Fact]
    public void EveryPolicyMakesASchedulerOfItsOwn()
    {
        foreach (string name in Policies.Names)
            Assert.NotSame(Policies.Make(name), Policies.Make(name));
        Assert.Equal(TimeSpan.Zero, Policies.Make("at-once").Sharing.HoldTime);
        Assert.Equal(new Scheduling.ParallelScheduler().Sharing, Policies.Make(Policies.Default).Sharing);
    }

    private static Settings Read(params string[] args)
    {
        Settings? settings = null;
        Assert.Equal(0, new CommandLine().Invoke(args, read =>
        {
            settings = read;
            return 0;
        }));
        return settings!;
    }
}

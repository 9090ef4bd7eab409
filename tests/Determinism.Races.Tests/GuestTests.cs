using Determinism.Emulation.Races;
using Determinism.Guests;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Iced.Intel;

namespace Determinism.Races.Tests;

/// <summary>The guests in C: which race, and where.</summary>
public class GuestTests
{
    public static TheoryData<string, ClockKind> Combinations { get; } = Combine();

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Only_guests_that_are_meant_to_race_do(string guest, ClockKind clock)
    {
        for (ulong seed = 1; seed <= (ulong)TestTier.Times(1, 4); seed++)
        {
            MachineConfiguration configuration = Runs.Configure(guest, 3, clock);
            RaceReport report = RaceFinder.Find(Runs.Record(configuration, seed: seed));
            Assert.True(report.Accesses > 0);
            AssertExpected(guest, configuration, report);
        }
    }

    [SkippableTheory]
    [InlineData("racy")]
    [InlineData("ticketlock")]
    [InlineData("prodcons")]
    [InlineData("barnes")]
    public void Recordings_of_KVM_are_looked_at_too(string guest)
    {
        var backend = new KvmBackend(new KvmOptions());
        string? obstacle = backend.FindObstacle();
        Skip.If(obstacle is not null, obstacle);
        MachineConfiguration configuration = Runs.Configure(guest, 2, ClockKind.SoftwareCounter);
        AssertExpected(guest, configuration, RaceFinder.Find(Runs.Record(configuration, backend)));
    }

    /// <summary>The same programs, with nothing known of their release stores.</summary>
    [Theory]
    [InlineData("ticketlock", "counter")]
    [InlineData("migratory", "turn")]
    [InlineData("water", "heap")]
    [InlineData("prodcons", "heap")]
    public void Without_the_marks_locks_protect_nothing(string guest, string variable)
    {
        MachineConfiguration marked = Runs.Configure(guest, 3, ClockKind.RetiredInstructions);
        byte[] file = marked.Image.File.ToArray();
        ".determinism.nothing"u8.CopyTo(file.AsSpan(file.AsSpan().IndexOf(".determinism.release"u8)));
        MachineConfiguration unmarked = marked with { Image = ElfImage.Parse(file) };
        Assert.NotEmpty(marked.Image.ReleaseEnds);
        Assert.Empty(unmarked.Image.ReleaseEnds);

        RaceReport report = RaceFinder.Find(Runs.Record(unmarked));
        Assert.Equal(0, report.ReleaseStores);
        Assert.Contains(report.Races, race => race.Variable.StartsWith(variable, StringComparison.Ordinal));
    }

    [Fact]
    public void Looking_twice_finds_the_same()
    {
        MemoryEventLog log = Runs.Record(Runs.Configure("racy", 3, ClockKind.RetiredInstructions));
        // Which race is found first may depend on the order of accesses that nothing orders; which there are does not.
        Assert.Equal(Pairs(RaceFinder.Find(log)), Pairs(RaceFinder.Find(log)));
    }

    private static void AssertExpected(string guest, MachineConfiguration configuration, RaceReport report)
    {
        if (guest == "racy")
            AssertRacy(configuration, report);
        else if (guest == "devices")
            Assert.All(report.Races, AssertMeantInDevices);
        else
            Assert.True(report.Races.Count == 0, $"{guest}: {string.Join("; ", report.Races)}");
    }

    /// <summary>Between the one load and the one store of the counter, and the store and itself.</summary>
    private static void AssertRacy(MachineConfiguration configuration, RaceReport report)
    {
        ElfSymbol counter = configuration.Image.Symbols.Single(symbol => symbol.Name == "counter");
        List<(ulong Address, bool Writes)> users = FindUsers(configuration.Image, "work", counter.Address);
        Assert.Equal([false, true], users.Select(user => user.Writes));
        List<Race> races = [.. report.Races.Where(race => race.Variable == "counter")];
        Assert.NotEmpty(races);
        foreach (Race race in races)
        {
            Assert.Equal((counter.Address, 8), (race.Address, race.Size));
            Assert.True(race.First.IsWrite || race.Second.IsWrite);
            foreach (RaceAccess access in new[] { race.First, race.Second })
                Assert.Contains((access.Instruction!.Value, access.IsWrite), users);
        }
        // The lock-free stack is correct: no race but those that the program is made for.
        Assert.All(report.Races, race => Assert.True(
            race.Variable is "counter" or "order" || race.Variable.StartsWith("slots", StringComparison.Ordinal), race.ToString()));
    }

    /// <summary>A count that another vCPU looks at, and the buffers in which the disk and two vCPUs meet.</summary>
    private static void AssertMeantInDevices(Race race)
    {
        const ulong StationBytes = 0x6000;
        Assert.StartsWith("heap+0x", race.Variable, StringComparison.Ordinal);
        ulong at = Convert.ToUInt64(race.Variable["heap+0x".Length..], 16) % StationBytes;
        Assert.True(at is 0x1000 or (>= 0x3000 and < 0x4000), race.ToString());
    }

    private static List<(ulong Address, bool Writes)> FindUsers(ElfImage image, string function, ulong variable)
    {
        ElfSymbol symbol = image.Symbols.Single(one => one.Name == function);
        Assert.True(image.TryRead(symbol.Address, symbol.Bytes, out ReadOnlySpan<byte> bytes));
        var decoder = Iced.Intel.Decoder.Create(64, bytes.ToArray(), symbol.Address);
        var users = new List<(ulong, bool)>();
        while (decoder.IP < symbol.Address + symbol.Bytes)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsIPRelativeMemoryOperand && instruction.IPRelativeMemoryAddress == variable)
                users.Add((instruction.IP, instruction.Op0Kind == OpKind.Memory));
        }
        return users;
    }

    private static IEnumerable<(ulong?, ulong?)> Pairs(RaceReport report) => report.Races
        .Select(race => (race.First.Instruction, race.Second.Instruction))
        .Select(pair => pair.Item1 <= pair.Item2 ? pair : (pair.Item2, pair.Item1)).Order();

    private static TheoryData<string, ClockKind> Combine()
    {
        var all = new TheoryData<string, ClockKind>();
        foreach (Guest guest in GuestCatalog.All)
        {
            all.Add(guest.Name, ClockKind.RetiredInstructions);
            all.Add(guest.Name, ClockKind.SoftwareCounter);
        }
        return all;
    }
}

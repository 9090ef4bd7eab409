using System.Text.RegularExpressions;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Guests.Build;
using Determinism.Machine;

namespace Determinism.X86.Tests;

/// <summary>The committed guests, as they are and changed.</summary>
public class GuestsPassTests
{
    public static TheoryData<string> Guests => [.. GuestCatalog.All.Select(guest => guest.Name)];

    // selfmod too: the code that it makes when it runs has no cycle, but the check does not see that code at all.
    [Theory]
    [MemberData(nameof(Guests))]
    public void A_guest_passes_with_every_clock(string name)
    {
        MachineConfiguration configuration = GuestCatalog.Find(name)!.Configure(1);
        foreach (ClockKind clock in Enum.GetValues<ClockKind>())
            Assert.Empty(GuestCheck.FindObstacles(configuration with { Clock = clock }));
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void Every_poll_of_a_guest_is_found(string name)
    {
        ElfImage image = GuestCatalog.Find(name)!.Load();
        GuestCodeReport report = GuestCheck.Check(image, ClockKind.SoftwareCounter);
        int polls = 0;
        foreach (ElfSegment segment in image.Segments.Where(segment => segment.IsExecutable))
            polls += CountOf(image.Content(segment), Poll);
        Assert.True(polls > 0);
        Assert.Equal(polls, report.PollCount);
    }

    [Fact]
    public void Without_its_symbols_a_guest_is_followed_from_its_entry()
    {
        // The pointer from the symbols' section to what it holds: no section, no symbols.
        byte[] file = GuestCatalog.Find("barnes")!.Load().File.ToArray();
        file.AsSpan(60, 2).Clear();
        ElfImage stripped = ElfImage.Parse(file);
        Assert.Empty(stripped.Symbols);
        GuestCodeReport report = GuestCheck.Check(stripped, ClockKind.SoftwareCounter);
        Assert.Empty(report.Refusals);
        Assert.True(report.InstructionCount > 1000);
    }

    [Fact]
    public void Any_poll_that_is_taken_out_is_missed()
    {
        ElfImage image = GuestCatalog.Find("radix")!.Load();
        byte[] file = image.File.ToArray();
        int found = 0;
        for (int at = 0; file.AsSpan(at).IndexOf(Poll) is var next and >= 0; at += Poll.Length)
        {
            at += next;
            Span<byte> poll = file.AsSpan(at, Poll.Length);
            // A three-byte NOP counts nothing.
            new byte[] { 0x0F, 0x1F, 0x00 }.CopyTo(poll);
            GuestCodeReport report = GuestCheck.Check(ElfImage.Parse(file), ClockKind.SoftwareCounter);
            Assert.NotEmpty(report.Refusals);
            Poll.CopyTo(poll);
            found++;
        }
        Assert.Equal(GuestCheck.Check(image, ClockKind.SoftwareCounter).PollCount, found);
    }

    [Fact]
    public void A_read_of_random_numbers_in_a_guest_is_refused_by_address_and_name_with_any_clock()
    {
        MachineConfiguration configuration = PutIntoMain(GuestCatalog.Find("hello")!, [0x0F, 0xC7, 0xF0], out ElfSymbol main);
        foreach (ClockKind clock in (ClockKind[])[ClockKind.RetiredInstructions, ClockKind.SoftwareCounter])
        {
            MachineConfiguration clocked = configuration with { Clock = clock };
            string expected = $"0x{main.Address:X} main: rdrand eax: reads the host's random numbers.";
            Assert.Contains(expected, GuestCheck.FindObstacles(clocked));
            using IGuestProcessors processors = new ManagedBackend().Create(clocked);
            Assert.Contains(expected, Assert.IsAssignableFrom<IPreflightCheck>(processors).FindObstacles());
        }
    }

    [Fact]
    public void Many_obstacles_are_cut_to_ten_and_a_count()
    {
        byte[] counterReads = [.. Enumerable.Repeat<byte[]>([0x0F, 0x33], 13).SelectMany(bytes => bytes)];
        IReadOnlyList<string> obstacles =
            GuestCheck.FindObstacles(PutIntoMain(GuestCatalog.Find("hello")!, counterReads, out _));
        Assert.Equal(11, obstacles.Count);
        Assert.Contains("in 3 more places", obstacles[10], StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Guests_that_are_built_without_polls_pass_only_where_none_are_needed()
    {
        Skip.If(GuestBuilder.FindCompilerMajorVersion() is null, "There is no gcc to build guests with.");
        string folder = Directory.CreateTempSubdirectory("guests").FullName;
        try
        {
            new GuestBuilder(FindGuestsFolder(), polls: false).BuildAll(folder);
            foreach (string name in Directory.GetFiles(folder, "*.elf"))
            {
                MachineConfiguration configuration = GuestCatalog.Find("hello")!.Configure(1) with
                {
                    Image = ElfImage.Parse(File.ReadAllBytes(name)),
                };
                Assert.Empty(GuestCheck.FindObstacles(configuration));
                IReadOnlyList<string> obstacles =
                    GuestCheck.FindObstacles(configuration with { Clock = ClockKind.SoftwareCounter });
                // All of them print, and what prints has loops; its functions differ by what was inlined.
                Assert.Contains(obstacles, obstacle => Regex.IsMatch(obstacle,
                    @"^0x4[0-9A-F]{5} rt_\w+(\+0x[0-9A-F]+)?: .+: is on a cycle of control flow without a poll\.$"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // inc r15; cmp r15, gs:[8].
    private static ReadOnlySpan<byte> Poll =>
        [0x49, 0xFF, 0xC7, 0x65, 0x4C, 0x3B, 0x3C, 0x25, 0x08, 0x00, 0x00, 0x00];

    private static int CountOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> pattern)
    {
        int count = 0;
        while (bytes.IndexOf(pattern) is var at and >= 0)
        {
            bytes = bytes[(at + pattern.Length)..];
            count++;
        }
        return count;
    }

    private static MachineConfiguration PutIntoMain(Guest guest, byte[] code, out ElfSymbol main)
    {
        ElfImage image = guest.Load();
        main = image.Symbols.Single(symbol => symbol.Name == "main");
        ulong address = main.Address;
        ElfSegment segment = image.Segments.Single(segment => segment.IsExecutable);
        byte[] file = image.File.ToArray();
        code.CopyTo(file, segment.FileOffset + (int)(address - segment.Address));
        return guest.Configure(1) with { Image = ElfImage.Parse(file) };
    }

    private static string FindGuestsFolder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "samples", "Guests");
            if (Directory.Exists(Path.Combine(candidate, "runtime")))
                return candidate;
        }
        throw new InvalidOperationException("The tests run inside the repository.");
    }
}

using Determinism.Guests;
using Determinism.Machine;

namespace Determinism.X86.Tests;

/// <summary>The guests that are committed are what the check must not refuse.</summary>
public class GuestsPassTests
{
    public static TheoryData<string> Guests => [.. GuestCatalog.All.Select(guest => guest.Name)];

    [Theory]
    [MemberData(nameof(Guests))]
    public void A_guest_passes_for_the_software_counter(string name)
    {
        ElfImage image = GuestCatalog.Find(name)!.Load();
        GuestCodeReport report = GuestCheck.Check(image, ClockKind.SoftwareCounter);
        Assert.Empty(report.Refusals);
        Console.WriteLine($"{name} {report.InstructionCount} {report.PollCount}");
    }
}

using Determinism.Guests;
using Determinism.Machine;

namespace Determinism.SharingOverhead.Measuring;

/// <summary>A guest to be measured.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">Its program.</param>
/// <param name="WithoutPolls">The same without polls, if there is one.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="MemoryBytes">Its memory.</param>
internal sealed record Subject(
    string Name, ElfImage Image, ElfImage? WithoutPolls, IReadOnlyList<ulong> Parameters, ulong MemoryBytes)
{
    private const ulong MemoryOfOwnGuests = 128UL << 20;

    /// <summary>The guests that settings name.</summary>
    /// <exception cref="GuestLoadException">A file is no guest.</exception>
    public static IEnumerable<Subject> Of(Settings settings, PollFreeGuests pollFree)
    {
        if (settings.GuestFile is { } file)
        {
            yield return new Subject(Path.GetFileNameWithoutExtension(file), ElfImage.Parse(File.ReadAllBytes(file)), null,
                settings.GuestArguments, MemoryOfOwnGuests);
            yield break;
        }
        foreach (string name in settings.Guests)
        {
            Guest guest = GuestCatalog.Find(name)!;
            yield return new Subject(name, guest.Load(), pollFree.Find(name),
                Sizes.Of(name, settings.IsLarge, settings.IsKvm), Sizes.MemoryBytes(name, settings.IsLarge));
        }
    }

    public MachineConfiguration Configure(Settings settings, int vcpus) => new()
    {
        GuestName = Name,
        Image = Image,
        VcpuCount = vcpus,
        Clock = settings.Clock,
        Parameters = Parameters,
        MemoryBytes = MemoryBytes,
        PageShift = settings.PageShift,
    };
}

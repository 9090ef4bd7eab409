using Determinism.Guests.Build;
using Determinism.Machine;

namespace Determinism.SharingOverhead.Measuring;

/// <summary>The project's guests compiled without polls.</summary>
internal sealed class PollFreeGuests : IDisposable
{
    private readonly DirectoryInfo? _folder;

    public PollFreeGuests(Settings settings)
    {
        if (settings.Clock != ClockKind.SoftwareCounter)
            Obstacle = "the clock counts instructions, so that nobody needs polls";
        else if (settings.GuestFile is not null)
            Obstacle = "a guest of your own is run as it is";
        else if (GuestBuilder.FindCompilerMajorVersion() is null)
            Obstacle = "there is no gcc to compile them with";
        else if (FindSources() is not { } sources)
            Obstacle = "their sources are not here";
        else
        {
            _folder = Directory.CreateTempSubdirectory("nopolls");
            new GuestBuilder(sources, polls: false).BuildAll(_folder.FullName);
        }
    }

    /// <summary>Why there are none; null if there are.</summary>
    public string? Obstacle { get; }

    public ElfImage? Find(string name) => _folder is null
        ? null
        : ElfImage.Parse(File.ReadAllBytes(Path.Combine(_folder.FullName, name + ".elf")));

    public void Dispose() => _folder?.Delete(recursive: true);

    private static string? FindSources()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string guests = Path.Combine(folder.FullName, "samples", "Guests");
            if (Directory.Exists(Path.Combine(guests, "src")))
                return guests;
        }
        return null;
    }
}

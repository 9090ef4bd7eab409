namespace Determinism.SharingOverhead.Measuring;

/// <summary>Guests' parameters; chosen by unrecorded runs alone, before anything was recorded with them.</summary>
/// <remarks>
/// S is each guest's own defaults. M runs for some seconds with two vCPUs where nothing else runs, on either backend: data
/// of about the size that SPLASH-2 suggests or more, iterated for as long as that takes. A guest in which each turn
/// demands a handover (migratory, prodcons, ticketlock) works for about a quarter of a millisecond between them: serialised
/// with a quantum of 10 ms, each of its turns takes one.
/// </remarks>
internal static class Sizes
{
    /// <summary>The parameters of a guest; none for its defaults.</summary>
    /// <param name="guest">The guest's name.</param>
    /// <param name="isLarge">M rather than S.</param>
    /// <param name="isKvm">For KVM rather than the managed machine, which is slower.</param>
    public static IReadOnlyList<ulong> Of(string guest, bool isLarge, bool isKvm) =>
        !isLarge ? [] : isKvm ? LargeOnKvm(guest) : LargeOnManaged(guest);

    /// <summary>The memory of a guest.</summary>
    /// <param name="guest">The guest's name.</param>
    /// <param name="isLarge">M rather than S.</param>
    public static ulong MemoryBytes(string guest, bool isLarge) =>
        (!isLarge ? 64UL : guest == "radix" ? 256UL : 128UL) << 20;

    private static IReadOnlyList<ulong> LargeOnKvm(string guest) => guest switch
    {
        "radix" => [1 << 24, 8, 19],
        "lu" => [2944, 16],
        "fft" => [20, 44],
        "ocean" => [1022, 1100],
        "water" => [8000, 37],
        "barnes" => [16_384, 115],
        "private" => [4096, 2300],
        "readshared" => [1024, 1_300_000_000],
        "migratory" => [8000, 512, 1050],
        "prodcons" => [800_000, 900],
        "falseshare" => [4_000_000_000],
        "ticketlock" => [15_000, 100_000],
        "racy" => [10_000_000, 64],
        _ => [],
    };

    private static IReadOnlyList<ulong> LargeOnManaged(string guest) => guest switch
    {
        "radix" => [1 << 22, 8, 8],
        "lu" => [1024, 16],
        "fft" => [18, 14],
        "ocean" => [510, 600],
        "water" => [2048, 28],
        "barnes" => [8192, 16],
        "private" => [1024, 400],
        "readshared" => [256, 100_000_000],
        "migratory" => [8000, 512, 64],
        "prodcons" => [200_000, 500],
        "falseshare" => [400_000_000],
        "ticketlock" => [6000, 50_000],
        "racy" => [8_000_000, 64],
        _ => [],
    };
}

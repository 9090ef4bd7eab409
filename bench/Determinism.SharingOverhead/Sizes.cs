namespace Determinism.SharingOverhead;

/// <summary>Guests' parameters for runs long enough to be timed; fixed before anything was measured with them.</summary>
internal static class Sizes
{
    /// <summary>The M size: some hundred million instructions.</summary>
    public static IReadOnlyList<ulong> Large(string guest) => guest switch
    {
        "radix" => [1 << 20],
        "lu" => [384, 16],
        "fft" => [18],
        "ocean" => [254, 60],
        "water" => [512, 6],
        "barnes" => [2048, 4],
        "private" => [64, 500],
        "readshared" => [32, 12_000_000],
        "migratory" => [3000, 4096],
        "prodcons" => [1_000_000],
        "falseshare" => [20_000_000],
        "ticketlock" => [20_000, 1000],
        "racy" => [1_000_000, 64],
        _ => [],
    };
}

namespace Determinism.TimeTravelCosts;

/// <summary>Guests' parameters: about two seconds of an unrecorded run on each backend.</summary>
internal static class Parameters
{
    public static ulong[] Of(string guest, string backend) => backend == "kvm" ? OnKvm(guest) : OnManaged(guest);

    private static ulong[] OnKvm(string guest) => guest switch
    {
        "radix" => [1 << 22, 8, 19],
        "lu" => [2048, 16],
        "fft" => [18, 44],
        "ocean" => [514, 1100],
        "water" => [4000, 37],
        "barnes" => [8192, 60],
        "racy" => [3_000_000, 64],
        "devices" => [40, 1_000_000, 8],
        _ => [],
    };

    private static ulong[] OnManaged(string guest) => guest switch
    {
        "radix" => [1 << 20, 8, 8],
        "lu" => [640, 16],
        "fft" => [16, 14],
        "ocean" => [254, 600],
        "water" => [1024, 28],
        "barnes" => [4096, 8],
        "racy" => [2_000_000, 64],
        "devices" => [10, 1_000_000, 8],
        _ => [],
    };
}

namespace Determinism.Debugging.Tests.Support;

/// <summary>Quick by default; DETERMINISM_TEST_TIER=full runs every combination, and more of each.</summary>
internal static class TestTier
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("DETERMINISM_TEST_TIER") == "full";

    public static int Times(int quick, int full) => IsFull ? full : quick;
}

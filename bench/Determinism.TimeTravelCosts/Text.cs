using System.Globalization;

namespace Determinism.TimeTravelCosts;

/// <summary>Quantities for people.</summary>
internal static class Text
{
    public static string Bytes(long bytes) => bytes >= 1 << 20
        ? string.Format(CultureInfo.InvariantCulture, "{0:F1} MiB", bytes / (double)(1 << 20))
        : string.Format(CultureInfo.InvariantCulture, "{0:F0} KiB", bytes / 1024.0);
}

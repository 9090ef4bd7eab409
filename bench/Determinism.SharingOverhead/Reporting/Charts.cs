namespace Determinism.SharingOverhead.Reporting;

internal static class Charts
{
    public static void Draw(IReadOnlyList<Row> rows, string folder) { _ = rows; _ = folder; }
}

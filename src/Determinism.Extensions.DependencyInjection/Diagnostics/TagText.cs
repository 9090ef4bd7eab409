namespace Determinism.Diagnostics;

/// <summary>Names as telemetry spells them: in lower case.</summary>
internal static class TagText
{
    public static string Of(SessionKind kind) => Lower(kind.ToString());

    public static string Of(EventKind kind) => Lower(kind.ToString());

    public static string Of(SessionOutcome outcome) => Lower(outcome.ToString());

#pragma warning disable CA1308 // For reading, not for comparing.
    private static string Lower(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308
}

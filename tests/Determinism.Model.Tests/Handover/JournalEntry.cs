namespace Determinism.Model.Tests.Handover;

internal enum JournalKind
{
    Boundary,
    Access,
    Event,
}

/// <summary>One thing that a step does to the machine's history.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Agent">Whose stream it belongs to.</param>
/// <param name="Operand">An access's frame, or an event's written sources, one bit per agent.</param>
/// <param name="Right">Read or ReadWrite for an access.</param>
internal readonly record struct JournalEntry(JournalKind Kind, int Agent, int Operand, Right Right)
{
    public static JournalEntry Boundary => default;
}

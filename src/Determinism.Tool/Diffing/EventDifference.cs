namespace Determinism.Tool.Diffing;

/// <summary>Where the streams of an agent differ first.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Number">Number of the event.</param>
/// <param name="Fields">What of it differs; <see cref="EventFields.Existence"/> if only one of the logs has it.</param>
/// <param name="AreCausesEqual">Whether all that comes before it, in its stream and by constraints, is equal in both
/// logs: it follows from no other difference.</param>
internal sealed record EventDifference(int Agent, ulong Number, IReadOnlyList<string> Fields, bool AreCausesEqual);

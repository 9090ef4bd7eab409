namespace Determinism.Machine;

/// <summary>Names an instruction that no clock names: by its distance from the last event before it.</summary>
/// <remarks>
/// <para>The vCPU has had the event, with all that happened at its place, and has retired so many instructions since; the others
/// stand in the cut right after the event. Between two events of a vCPU, nobody moves but the vCPU. It is the same state however
/// the machine came there, and whichever backend recorded.</para>
/// <para>Of a recording with the software counter, the distance may be from a poll behind the event: then the journey to there
/// needs no managed machine. What the trap of a poll executes, where a vCPU is stopped, counts like all else; a vCPU is stopped
/// at polls that have events, and at the one that is named.</para>
/// </remarks>
/// <param name="Vcpu">The vCPU.</param>
/// <param name="Event">Number of its last event, from 1; 0 for its start.</param>
/// <param name="Instructions">How many instructions it has retired since, each iteration of a repeated string instruction
/// counted.</param>
/// <param name="Poll">What its software counter showed at the poll that they are counted from; 0: they are counted from the
/// event.</param>
public readonly record struct InstructionPoint(int Vcpu, ulong Event, ulong Instructions, ulong Poll = 0)
{
    /// <inheritdoc />
    public override string ToString() => Poll == 0
        ? $"vCPU {Vcpu}, {Instructions} instructions after event {Event}"
        : $"vCPU {Vcpu}, {Instructions} instructions after poll {Poll} behind event {Event}";
}

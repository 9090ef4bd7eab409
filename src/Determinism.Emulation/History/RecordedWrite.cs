namespace Determinism.Emulation.History;

/// <summary>A write to memory in a recording, as far as it was asked for.</summary>
/// <param name="Position">The position of a <see cref="RecordedHistory"/> before the step that it belongs to; of the machine's own
/// writes, the step that they follow.</param>
/// <param name="Agent">Who wrote: a vCPU's number, or that of a device after the vCPUs.</param>
/// <param name="Instruction">Address of the instruction; null if the machine wrote: a device, or a service or an interrupt of the
/// vCPU.</param>
/// <param name="Event">Number of the agent's last event before it; 0 if it has had none.</param>
/// <param name="Address">The first byte written, of those that were asked for.</param>
/// <param name="Before">What stood there before.</param>
/// <param name="After">What stands there after it, perhaps the same.</param>
public sealed record RecordedWrite(ulong Position, int Agent, ulong? Instruction, ulong Event, ulong Address,
    ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After);

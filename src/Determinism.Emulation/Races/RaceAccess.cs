namespace Determinism.Emulation.Races;

/// <summary>One side of a race.</summary>
/// <param name="Agent">Who made the access: a vCPU's number, or that of a device after the vCPUs.</param>
/// <param name="Instruction">Address of the instruction; null if the machine made the access: a device, or a service that a
/// vCPU asked for.</param>
/// <param name="Place">The instruction's address by symbol, or what of the machine it was.</param>
/// <param name="IsWrite">Whether it wrote, perhaps besides reading.</param>
/// <param name="IsSynchronisation">Whether the access itself is one that orders others: a locked operation, a release store.
/// At least one side of a race is not.</param>
/// <param name="Value">The bytes in common, little endian: what a read got, or what a write left; null where they are not
/// known.</param>
public sealed record RaceAccess(int Agent, ulong? Instruction, string Place, bool IsWrite, bool IsSynchronisation, UInt128? Value);

namespace Determinism.Emulation.Races;

/// <summary>A place that accesses come from: an instruction, or the machine, and in which way it touches memory.</summary>
/// <param name="Instruction">The instruction's address; null for the machine.</param>
/// <param name="IsDevice">Whether it is a device's access.</param>
/// <param name="IsWrite">Whether it may write.</param>
/// <param name="IsSynchronisation">Whether it orders others.</param>
internal readonly record struct AccessSite(ulong? Instruction, bool IsDevice, bool IsWrite, bool IsSynchronisation);

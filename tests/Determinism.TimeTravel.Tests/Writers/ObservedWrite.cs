namespace Determinism.TimeTravel.Tests.Writers;

/// <summary>A write that an observer saw.</summary>
/// <param name="Agent">Who made it.</param>
/// <param name="Instruction">The instruction; null for the machine's.</param>
/// <param name="Event">Its agent's last event.</param>
/// <param name="Access">Where.</param>
/// <param name="After">What an instruction left there, at most sixteen bytes of it; null for the machine's.</param>
internal sealed record ObservedWrite(int Agent, ulong? Instruction, ulong Event, MemoryAccess Access, UInt128? After);

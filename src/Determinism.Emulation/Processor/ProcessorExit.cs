namespace Determinism.Emulation;

/// <summary>Why a processor came back from running, with what is needed to act on it.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Access">The access that failed, for <see cref="ProcessorExitReason.Fault"/>,
/// <see cref="ProcessorExitReason.BadAddress"/> and <see cref="ProcessorExitReason.GeneralProtection"/>: the whole of it,
/// also where only one of two frames lacks its right. Other accesses of the instruction may fail after it.</param>
/// <param name="Port">The port, for <see cref="ProcessorExitReason.PortOut"/>.</param>
/// <param name="Message">Address, text and reason, for <see cref="ProcessorExitReason.Unsupported"/>.</param>
internal readonly record struct ProcessorExit(ProcessorExitReason Reason, MemoryAccess Access, byte Port, string? Message);

namespace Determinism.Emulation.Observation;

/// <summary>An access that an instruction has made.</summary>
/// <param name="Access">Where, and whether it may have written.</param>
/// <param name="Before">What was there before; at most its first sixteen bytes.</param>
/// <param name="After">What is there now.</param>
internal readonly record struct ObservedAccess(MemoryAccess Access, UInt128 Before, UInt128 After);

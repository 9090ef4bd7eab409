namespace Determinism.Machine;

/// <summary>What a vCPU's thread is doing, for the watchdog's diagnosis.</summary>
internal enum VcpuPhase
{
    NotStarted,
    InGuest,
    InMonitor,
    Halted,
    Ended,
}

namespace Determinism.Kvm.Vcpus;

/// <summary>How a vCPU left the guest.</summary>
internal enum VcpuExitKind
{
    /// <summary>The host wanted it: not a point.</summary>
    Host,

    /// <summary>An <c>OUT imm8, AL</c>, retired.</summary>
    Port,

    /// <summary>An access that the view forbids; the vCPU stands on the instruction, and nothing of it has happened.</summary>
    Fault,

    /// <summary>An exception; the vCPU stands on the instruction.</summary>
    Exception,
}

/// <summary>One exit.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Port">Of a port exit.</param>
/// <param name="Vector">Of an exception.</param>
/// <param name="ErrorCode">Of an exception that has one.</param>
/// <param name="Address">Of a page fault, where; of a fault, if the kernel told it, else 0.</param>
internal readonly record struct VcpuExit(
    VcpuExitKind Kind, byte Port = 0, byte Vector = 0, uint ErrorCode = 0, ulong Address = 0);

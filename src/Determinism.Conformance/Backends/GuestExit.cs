namespace Determinism.Conformance;

/// <summary>How a vCPU of a machine under test left the guest.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Code">Of a synchronous exit: the step's code, or <see cref="End"/>.</param>
/// <param name="Accesses">Of a fault: what an exit loop would give to the session, every access of the
/// instruction.</param>
public readonly record struct GuestExit(ExitKind Kind, uint Code = 0, ReadOnlyMemory<MemoryAccess> Accesses = default)
{
    /// <summary>The code of the exit after the last step.</summary>
    public const uint End = uint.MaxValue;
}

namespace Determinism.Conformance;

/// <summary>How a vCPU of a machine under test left the guest.</summary>
/// <param name="Kind">Why. An exit of the host's is no execution point: no fact looks at the vCPU there, and it is sent in
/// again.</param>
/// <param name="Code">Of a synchronous exit: the step's code, or <see cref="End"/>.</param>
/// <param name="Accesses">Of a fault: what an exit loop would give to the session, every access of the
/// instruction. The memory is the exit's own: it is read also when the vCPU has run on.</param>
public readonly record struct GuestExit(ExitKind Kind, uint Code = 0, ReadOnlyMemory<MemoryAccess> Accesses = default)
{
    /// <summary>The code of the exit after the last step.</summary>
    public const uint End = uint.MaxValue;
}

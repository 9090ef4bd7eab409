namespace Determinism;

/// <summary>How far a vCPU may run before it must leave the guest.</summary>
/// <param name="StopAt">The clock's count at which it stops, exactly for clocks that stop anywhere, at the first poll
/// whose count is not less for the software counter; one that is passed already stops it at once, or at the next poll.
/// <see cref="Unlimited"/> for no bound.</param>
public readonly record struct RunSlice(ulong StopAt)
{
    /// <summary>A count that no run reaches.</summary>
    public const ulong Unlimited = ulong.MaxValue;
}

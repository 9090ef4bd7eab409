namespace Determinism.Machine;

/// <summary>Which addresses the machine touches on behalf of a guest.</summary>
internal static class GuestRange
{
    /// <summary>Whether a range lies in memory and clear of the null page and of the control pages.</summary>
    public static bool IsAllowed(ulong address, ulong length, ulong memoryBytes) =>
        address >= GuestLayout.LowestAddress && address <= memoryBytes && length <= memoryBytes - address
        && (address + length <= GuestLayout.ControlPages || address >= GuestLayout.ControlPagesEnd);
}

namespace Determinism;

/// <summary>A backend that knows which parts of guest memory may hold anything but zeros.</summary>
/// <remarks>Optional, beside <see cref="IVmBackend"/>. Without it, all of memory is looked at wherever it has to be found out
/// what was written; to look may cost memory.</remarks>
public interface ITouchedMemory
{
    /// <summary>The parts, ascending, as addresses and bytes. While nobody runs.</summary>
    IEnumerable<(ulong Address, ulong Bytes)> TouchedRanges();
}

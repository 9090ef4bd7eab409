using System.Globalization;
using Determinism.Kvm.Memory;

namespace Determinism.Kvm.Tables;

/// <summary>Remembers what is in the memory that holds all vCPUs' tables, and finds what has been written there since.</summary>
/// <remarks>Looks only where something ever was: to read a page that was never touched would make it.</remarks>
internal sealed unsafe class AreaWatch
{
    private const int Page = (int)SystemArea.Page;

    private readonly SharedMemory _memory;
    private readonly Dictionary<ulong, byte[]> _before = [];

    public AreaWatch(SharedMemory memory)
    {
        _memory = memory;
        foreach (ulong page in TouchedPages())
            _before.Add(page, At(page).ToArray());
    }

    /// <summary>The first byte that is no longer as it was, in words; null if there is none.</summary>
    public string? FindChange()
    {
        byte[] untouched = new byte[Page];
        foreach (ulong page in TouchedPages())
        {
            byte[] before = _before.GetValueOrDefault(page, untouched);
            int same = At(page).CommonPrefixLength(before);
            if (same < Page)
                return string.Create(CultureInfo.InvariantCulture,
                    $"byte 0x{page + (ulong)same:X} was 0x{before[same]:X2} and is 0x{At(page)[same]:X2}");
        }
        return null;
    }

    private IEnumerable<ulong> TouchedPages()
    {
        foreach ((ulong start, ulong bytes) in _memory.TouchedRanges())
        {
            for (ulong page = start; page < start + bytes; page += Page)
                yield return page;
        }
    }

    private ReadOnlySpan<byte> At(ulong page) => new(_memory.All.Start + page, Page);
}

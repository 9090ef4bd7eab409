using System.Globalization;
using Determinism.Machine;

namespace Determinism.Emulation.Races;

/// <summary>What an address of data is called.</summary>
internal static class DataNames
{
    public static string Of(MachineConfiguration configuration, ulong address)
    {
        ElfImage image = configuration.Image;
        string name = image.NameOf(address);
        if (!name.StartsWith("0x", StringComparison.Ordinal))
            return name;
        ulong stacks = configuration.MemoryBytes - ((ulong)configuration.VcpuCount * GuestLayout.StackBytes);
        if (address >= stacks)
            return string.Format(CultureInfo.InvariantCulture, "stack of vCPU {0}",
                (configuration.MemoryBytes - 1 - address) / GuestLayout.StackBytes);
        const ulong Page = 4096;
        ulong heap = GuestLayout.Image;
        foreach (ElfSegment segment in image.Segments)
            heap = Math.Max(heap, (segment.Address + segment.MemoryBytes + Page - 1) & ~(Page - 1));
        return address >= heap ? string.Format(CultureInfo.InvariantCulture, "heap+0x{0:X}", address - heap) : name;
    }
}

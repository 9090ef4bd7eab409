using System.Globalization;
using Determinism.Kvm.Memory;

namespace Determinism.Kvm.Tests;

internal static class ViewMappings
{
    /// <summary>What the kernel says of the protection of each page.</summary>
    public static unsafe string[] Read(VcpuView view)
    {
        var pages = new string[view.Bytes >> 12];
        ulong start = (ulong)view.Start;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split(' ', 3);
            string[] range = parts[0].Split('-');
            ulong from = ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            ulong to = ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (ulong at = Math.Max(from, start); at < Math.Min(to, start + view.Bytes); at += 4096)
                pages[(at - start) >> 12] = parts[1][..2];
        }
        return pages;
    }
}

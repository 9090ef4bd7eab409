using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Determinism.LogSpeed;

/// <summary>What Linux keeps of files in memory, and how much this process has read.</summary>
internal static class PageCache
{
    private const int DoNotNeed = 4;

    public static bool CanDrop => OperatingSystem.IsLinux();

    /// <summary>Drops what is kept of these files, and of no others: whoever else works on this computer is left alone. What was
    /// not written back yet stays.</summary>
    public static void Drop(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            using SafeFileHandle handle = File.OpenHandle(file);
            int error = Advise(handle, 0, 0, DoNotNeed);
            if (error != 0)
                throw new IOException($"{file} cannot be dropped from the page cache (error {error}).");
        }
    }

    /// <summary>Bytes read by this process so far: by calls, and from the disk; null where that is not told.</summary>
    public static (long ByCalls, long FromDisk)? BytesRead()
    {
        if (!File.Exists("/proc/self/io"))
            return null;
        string[] lines = File.ReadAllLines("/proc/self/io");
        long Number(string name) => long.Parse(
            lines.First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
        return (Number("rchar"), Number("read_bytes"));
    }

#pragma warning disable SYSLIB1054, CA5392 // The generated kind needs unsafe code; the C library has no other place.
    [DllImport("libc", EntryPoint = "posix_fadvise")]
    private static extern int Advise(SafeFileHandle file, long offset, long length, int advice);
#pragma warning restore SYSLIB1054, CA5392
}

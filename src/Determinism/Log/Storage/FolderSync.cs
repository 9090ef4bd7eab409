using System.Runtime.InteropServices;

namespace Determinism.Log;

/// <summary>Makes a folder's entries durable. On Unix a new file's name is not, however often the file itself is synced; on
/// Windows a file's own sync covers its name, and there is nothing to call.</summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    public static void Sync(string path)
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            return;
        // File names are bytes to a Unix kernel; .NET takes them for UTF-8.
        int folder = Open(System.Text.Encoding.UTF8.GetBytes(path + '\0'), ReadOnly);
        if (folder < 0)
            throw new IOException($"The folder {path} cannot be opened (error {Marshal.GetLastWin32Error()}).");
        int result = Fsync(folder);
        int error = Marshal.GetLastWin32Error();
        _ = Close(folder);
        if (result != 0)
            throw new IOException($"The folder {path} cannot be synced (error {error}).");
    }

#pragma warning disable SYSLIB1054, CA5392 // One declaration for both targets; the C library has no other place.
    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int file);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);
#pragma warning restore SYSLIB1054, CA5392
}

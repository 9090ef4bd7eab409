using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Determinism.ProcessorTests.Kvm;

/// <summary>The few system calls that driving KVM takes.</summary>
internal static unsafe partial class Libc
{
    public const int ReadWriteCloseOnExec = 0x80002;
    public const int ProtReadWrite = 3;
    public const int MapShared = 1;
    public const int BlockSignals = 0;
    public const int Interrupted = 4;
    public const int BadAddress = 14;
    public const uint CloseOnExec = 1;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, nuint argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemory(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(SafeFileHandle file, nint length);

    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int ThreadId();

    [LibraryImport("libc", EntryPoint = "tgkill", SetLastError = true)]
    public static partial int Kill(int process, int thread, int signal);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    public static partial int ChangeSignalMask(int how, ulong* set, ulong* old);
}

/// <summary>Memory from mmap.</summary>
internal sealed unsafe class Mapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly nuint _length;

    private Mapping(void* start, nuint length) : base(ownsHandle: true)
    {
        _length = length;
        SetHandle((nint)start);
    }

    public byte* Start => (byte*)handle;

    public static Mapping Shared(SafeFileHandle file, nuint length) =>
        Checked(Libc.Map(null, length, Libc.ProtReadWrite, Libc.MapShared, file, 0), length);

    /// <summary>Changes what may be done through this mapping.</summary>
    public void Protect(ulong offset, ulong bytes, AccessRight right)
    {
        // The values of AccessRight are not those of PROT_READ and PROT_WRITE together.
        var protection = right == AccessRight.ReadWrite ? Libc.ProtReadWrite : (int)right;
        if (Libc.Protect((byte*)handle + offset, (nuint)bytes, protection) != 0)
            throw new IOException($"mprotect: error {Marshal.GetLastPInvokeError()}");
    }

    protected override bool ReleaseHandle() => Libc.Unmap((void*)handle, _length) == 0;

    private static Mapping Checked(void* start, nuint length) =>
        (nint)start == -1 ? throw new IOException($"mmap: error {Marshal.GetLastPInvokeError()}") : new Mapping(start, length);
}

using Microsoft.Win32.SafeHandles;

namespace Determinism.Kvm.Interop;

/// <summary>Memory from mmap.</summary>
internal sealed unsafe class Mapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private Mapping(nint start, ulong bytes)
        : base(ownsHandle: true)
    {
        Bytes = bytes;
        SetHandle(start);
    }

    public byte* Start => (byte*)handle;

    public ulong Bytes { get; }

    /// <summary>Maps a file's bytes, from its first on.</summary>
    public static Mapping OfFile(SafeFileHandle file, ulong bytes, string what)
    {
        bool isHeld = false;
        file.DangerousAddRef(ref isHeld);
        try
        {
            return Make(bytes, Libc.MapShared | Libc.MapNoReserve, file.DangerousGetHandle(), what);
        }
        finally
        {
            file.DangerousRelease();
        }
    }

    /// <summary>Memory of zeros of its own.</summary>
    public static Mapping Anonymous(ulong bytes, string what) =>
        Make(bytes, Libc.MapPrivateAnonymous | Libc.MapNoReserve, -1, what);

    protected override bool ReleaseHandle() => Libc.Unmap(handle, (nuint)Bytes) == 0;

    private static Mapping Make(ulong bytes, int flags, nint file, string what)
    {
        nint start = Libc.Map(0, (nuint)bytes, Libc.ProtReadWrite, flags, file, 0);
        return start == -1 ? throw SystemCall.Failed(what) : new Mapping(start, bytes);
    }
}

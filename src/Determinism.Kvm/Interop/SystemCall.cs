using System.Runtime.InteropServices;

namespace Determinism.Kvm.Interop;

/// <summary>Turns failed system calls into exceptions that say what failed.</summary>
internal static class SystemCall
{
    /// <summary>The result, if it is not negative.</summary>
    /// <exception cref="KvmException">It is.</exception>
    public static int Check(int result, string what) => result >= 0 ? result : throw Failed(what);

    public static nint Check(nint result, string what) => result >= 0 ? result : throw Failed(what);

    public static KvmException Failed(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        return new KvmException($"Cannot {what}: {Marshal.GetPInvokeErrorMessage(error)} (error {error}).");
    }
}

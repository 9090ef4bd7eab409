using System.Diagnostics;

namespace Determinism.SharingOverhead.Measuring;

/// <summary>Keeps the vCPUs' threads on as many CPUs as there are vCPUs.</summary>
internal static class Pinning
{
    /// <summary>Allows this thread, and those that it starts, the first CPUs only.</summary>
    /// <param name="cpus">How many.</param>
    /// <returns>Whether this system can do it.</returns>
    public static bool TryLimitTo(int cpus)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return false;
        int most = Math.Min(Math.Min(cpus, Environment.ProcessorCount), (IntPtr.Size * 8) - 1);
        try
        {
            using Process self = Process.GetCurrentProcess();
            self.ProcessorAffinity = (nint)((1L << most) - 1);
            return true;
        }
        catch (Exception refused) when (refused is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return false; // a container may have other CPUs than the first ones
        }
    }
}

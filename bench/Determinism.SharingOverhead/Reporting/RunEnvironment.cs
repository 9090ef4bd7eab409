using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Determinism.Machine;

namespace Determinism.SharingOverhead.Reporting;

/// <summary>Where and with what it was measured.</summary>
internal static class RunEnvironment
{
    public const string ProcessorKey = "cpu";

    private static readonly string s_processor = FindProcessor();

    public static IReadOnlyList<(string Key, object? Value)> Fields(bool isPinned) =>
    [
        (ProcessorKey, s_processor),
        ("cores", Environment.ProcessorCount),
        ("os", RuntimeInformation.OSDescription),
        ("dotnet", RuntimeInformation.FrameworkDescription),
        ("package_version", VersionOf(typeof(MachineRuns))),
        ("pinned", isPinned),
        ("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
    ];

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static string FindProcessor()
    {
        const string Linux = "/proc/cpuinfo";
        string? line = File.Exists(Linux)
            ? File.ReadLines(Linux).FirstOrDefault(static text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':') + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}

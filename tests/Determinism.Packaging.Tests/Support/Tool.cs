using System.Diagnostics;

namespace Determinism.Packaging.Tests.Support;

/// <summary>Runs programs, for a limited time.</summary>
internal static class Tool
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(6);

    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Builds as a release is built, leaving no process behind.</summary>
    public static ToolResult RunDotnet(string folder, params string[] arguments) => Run(folder, Dotnet,
        [.. arguments, "-nodeReuse:false", "-p:UseSharedCompilation=false"]);

    public static string? Find(params string[] names) => names.FirstOrDefault(name =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, name))));

    public static ToolResult Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        SetEnvironment(start.Environment);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        bool isInTime = Task.WaitAll([process.WaitForExitAsync(), output, errors], s_patience);
        if (!isInTime)
            process.Kill(entireProcessTree: true);
        string command = $"{program} {string.Join(' ', arguments)}\n";
        Assert.True(isInTime, $"Not done after {s_patience}: {command}");
        return new ToolResult(process.ExitCode, command + output.Result + errors.Result);
    }

    private static void SetEnvironment(IDictionary<string, string?> environment)
    {
        // What the build that runs these tests says to its own children is not for another build.
        foreach (string name in environment.Keys.Where(IsOfMSBuild).ToArray())
            environment.Remove(name);
        environment["CI"] = "true";
        environment["SOURCE_DATE_EPOCH"] = "1700000000";
        environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        environment["DOTNET_NOLOGO"] = "1";
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        environment["MSBUILDDISABLENODEREUSE"] = "1";
    }

    private static bool IsOfMSBuild(string name) => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase);
}

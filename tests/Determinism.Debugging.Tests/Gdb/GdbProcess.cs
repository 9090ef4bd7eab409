using System.Diagnostics;

namespace Determinism.Debugging.Tests.Gdb;

/// <summary>A stock gdb that runs to the end of its commands.</summary>
internal static class GdbProcess
{
    public const string Missing = "gdb is not installed.";

    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "gdb")).FirstOrDefault(File.Exists);

    /// <summary>Runs it.</summary>
    /// <param name="gdb">Where it is.</param>
    /// <param name="arguments">Its arguments, beside those for runs without a terminal.</param>
    /// <returns>What it printed, and after that its errors.</returns>
    public static async Task<string> RunAsync(string gdb, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(gdb) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["-nx", "-q", "-batch", "-ex", "set pagination off", "-ex", "set confirm off", .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        Task<string> text = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
        return await text + await errors;
    }
}

using System.Diagnostics;
using System.Text.Json;

namespace Determinism.KvmCosts;

/// <summary>The yardstick: the same handovers by a small program in C, built here by gcc.</summary>
internal static class HandoverByHand
{
    /// <summary>Median microseconds of each step, by the program's names; null where there is no gcc.</summary>
    public static Dictionary<string, double>? Measure()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("handover");
        try
        {
            string source = Path.Combine(folder.FullName, "handover.c"), program = Path.Combine(folder.FullName, "handover");
            using (Stream resource = typeof(HandoverByHand).Assembly.GetManifestResourceStream("handover.c")!)
            using (FileStream file = File.Create(source))
                resource.CopyTo(file);
            Run("gcc", ["-O2", "-o", program, source, "-lpthread"]);
            using JsonDocument report = JsonDocument.Parse(Run(program, ["--no-costs"]));
            return report.RootElement.GetProperty("steps").EnumerateObject().ToDictionary(
                step => step.Name, step => step.Value.GetProperty("median").GetDouble() / 1000);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill();
            throw new TimeoutException($"{program} does not end.");
        }
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {errors.Result}");
    }
}

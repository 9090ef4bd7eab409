using System.Diagnostics;
using Determinism.Guests.Build.Polls;

namespace Determinism.Guests.Build;

/// <summary>
/// Builds the guest programs: gcc to assembler text, polls into the text, assembler and linker. The result
/// depends on the sources and the compiler alone: no path, time or environment gets into a binary.
/// </summary>
public sealed class GuestBuilder(string sourceFolder, bool polls)
{
    /// <summary>The gcc whose output the committed binaries are.</summary>
    public const int CompilerMajorVersion = 12;

    // What is left out and why: docs/guest-abi.md, "Building a guest".
    private static readonly string[] CompilerOptions =
    [
        "-S", "-O2", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-builtin", "-nostdlib",
        "-fno-pic", "-no-pie", "-mcmodel=small", "-ffixed-r15", "-mno-red-zone", "-mno-sse3", "-fno-stack-protector",
        "-fno-tree-vectorize", "-fno-tree-slp-vectorize", "-fno-jump-tables", "-fno-optimize-sibling-calls",
        "-fno-reorder-blocks-and-partition", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables",
        "-fcf-protection=none", "-fno-math-errno", "-fwrapv", "-fno-common", "-ffunction-sections", "-fno-ident",
        "-I", "runtime",
    ];

    private static readonly string[] LinkerOptions =
    [
        "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,--gc-sections", "-Wl,-z,noexecstack",
        "-Wl,-z,max-page-size=4096", "-Wl,--fatal-warnings", "-Wl,-T,runtime/guest.ld",
    ];

    /// <summary>The names of all guests, in the order of the alphabet.</summary>
    public IReadOnlyList<string> Guests { get; } =
        [.. Directory.GetFiles(Path.Combine(sourceFolder, "src"), "*.c")
            .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    /// <summary>The first line of gcc --version's number, or null where there is no gcc.</summary>
    public static int? FindCompilerMajorVersion()
    {
        try
        {
            var version = Run(Environment.CurrentDirectory, "gcc", ["-dumpversion"]);
            return int.TryParse(version.Trim().Split('.')[0], out var major) ? major : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Builds all guests as NAME.elf.</summary>
    public void BuildAll(string outputFolder)
    {
        Directory.CreateDirectory(outputFolder);
        var scratch = Directory.CreateTempSubdirectory("guests").FullName;
        try
        {
            var start = Path.Combine(scratch, "start.o");
            string[] noPolls = polls ? [] : ["-DNO_POLLS"];
            Run(sourceFolder, "gcc", ["-c", .. noPolls, "runtime/start.S", "-o", start]);
            var runtime = Compile("runtime/rt.c", scratch);
            foreach (var guest in Guests)
            {
                var program = Compile($"src/{guest}.c", scratch);
                var output = Path.GetFullPath(Path.Combine(outputFolder, guest + ".elf"));
                Run(sourceFolder, "gcc", [.. LinkerOptions, start, runtime, program, "-o", output]);
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>The guests whose binary in <paramref name="folder"/> is missing or is not what a build gives.</summary>
    public IReadOnlyList<string> FindDifferences(string folder)
    {
        var rebuilt = Directory.CreateTempSubdirectory("guests").FullName;
        try
        {
            BuildAll(rebuilt);
            return [.. Guests.Where(guest => !SameBytes(Path.Combine(folder, guest + ".elf"), Path.Combine(rebuilt, guest + ".elf")))];
        }
        finally
        {
            Directory.Delete(rebuilt, recursive: true);
        }
    }

    private static bool SameBytes(string committed, string rebuilt) =>
        File.Exists(committed) && File.ReadAllBytes(committed).AsSpan().SequenceEqual(File.ReadAllBytes(rebuilt));

    private string Compile(string source, string scratch)
    {
        var text = Path.Combine(scratch, Path.GetFileNameWithoutExtension(source) + ".s");
        Run(sourceFolder, "gcc", [.. CompilerOptions, source, "-o", text]);
        if (polls)
            File.WriteAllText(text, PollPass.Insert(File.ReadAllText(text), Path.GetFileName(text)));
        var assembled = Path.ChangeExtension(text, ".o");
        Run(sourceFolder, "gcc", ["-c", text, "-o", assembled]);
        return assembled;
    }

    private static string Run(string folder, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start) ?? throw new InvalidOperationException(program + " did not start");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)}:\n{errors.Result}");
    }
}

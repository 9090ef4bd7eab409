using System.Runtime.InteropServices;
using Determinism.Packaging.Tests.Support;

namespace Determinism.Packaging.Tests;

[Collection(TwoBuilds.Name)]
public class NativeAotTests(TwoBuilds builds)
{
    [SkippableFact]
    public void Compiled_ahead_of_time_the_SDK_has_no_warnings_and_replays_what_it_records()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The native linker is looked for on Linux only.");
        string? linker = Tool.Find("clang", "gcc");
        Skip.If(linker is null, "There is no native linker: neither clang nor gcc.");

        // In a copy whose libraries are built already; warnings are errors there as everywhere.
        string target = Path.Combine(builds.FirstCopy.Folder, "published");
        Tool.RunDotnet(builds.FirstCopy.Folder, "publish", "tests/AotSmoke", "-c", "Release", "-o", target, "-v", "quiet",
            "-r", RuntimeInformation.RuntimeIdentifier, $"-p:CppCompilerAndLinker={linker}").Expect(0);
        Assert.False(File.Exists(Path.Combine(target, "AotSmoke.dll")), "It was not compiled ahead of time.");

        ToolResult result = Tool.Run(target, Path.Combine(target, "AotSmoke")).Expect(0);
        Assert.EndsWith("replays identical\n", result.Output, StringComparison.Ordinal);
    }
}

using Determinism.Packaging.Tests.Support;

namespace Determinism.Packaging.Tests;

/// <summary>The command-line tool, as its users install it.</summary>
[Collection(TwoBuilds.Name)]
public class ToolPackageTests(TwoBuilds builds)
{
    [Fact]
    public void The_tool_can_be_installed_and_says_what_it_can_do()
    {
        Package package = builds.First.Single(one => one.Id == "Determinism.Tool");
        Assert.Equal("DotnetTool", Assert.Single(package.Element("packageTypes")!.Elements()).Attribute("name")!.Value);
        using var folder = new TemporaryFolder();
        Tool.Run(folder.Path, Tool.Dotnet, "tool", "install", package.Id, "--tool-path", folder.Path, "--version", package["version"]!,
            "--source", Path.GetDirectoryName(package.FilePath)!).Expect(0);
        string program = Directory.EnumerateFiles(folder.Path, "determinism*").Single();
        ToolResult help = Tool.Run(folder.Path, program, "log", "--help").Expect(0);
        Assert.Contains("verify", help.Output, StringComparison.Ordinal);
        Tool.Run(folder.Path, program, "log", "info", "nothing-here").Expect(4);
    }
}

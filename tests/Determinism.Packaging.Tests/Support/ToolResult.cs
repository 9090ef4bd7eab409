namespace Determinism.Packaging.Tests.Support;

/// <summary>How a program ended, and all that it wrote.</summary>
internal sealed record ToolResult(int ExitCode, string Output)
{
    public ToolResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Exit code {ExitCode}, not {exitCode}: {Output}");
        return this;
    }
}

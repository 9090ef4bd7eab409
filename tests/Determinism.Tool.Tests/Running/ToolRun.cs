namespace Determinism.Tool.Tests.Running;

/// <summary>One run of the tool, in this process.</summary>
internal sealed record ToolRun(int Code, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static ToolRun Of(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        int code = new ToolProgram(output, errors).Invoke(arguments);
        return new ToolRun(code, output.ToString(), errors.ToString());
    }

    /// <summary>A run that must succeed.</summary>
    public static ToolRun Good(params string[] arguments)
    {
        ToolRun run = Of(arguments);
        Assert.True(run.Code == 0, $"Code {run.Code}: {run.Errors}");
        Assert.Empty(run.Errors);
        return run;
    }
}

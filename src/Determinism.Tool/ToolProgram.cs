using System.CommandLine;

namespace Determinism.Tool;

/// <summary>The command line, with what it prints to given by the caller, so that tests can run it.</summary>
internal sealed class ToolProgram(TextWriter output, TextWriter errors)
{
    public int Invoke(IReadOnlyList<string> arguments)
    {
        var root = new RootCommand("Looks into event logs of recorded virtual machines.") { LogCommand.Create(output, errors) };
        ParseResult result = root.Parse(arguments);
        if (result.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in result.Errors)
                errors.WriteLine(error.Message);
            return (int)ExitCode.Usage;
        }
        try
        {
            return result.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
        }
        catch (UsageException error)
        {
            errors.WriteLine(error.Message);
            return (int)ExitCode.Usage;
        }
        catch (UnsupportedException error)
        {
            errors.WriteLine(error.Message);
            return (int)ExitCode.Unsupported;
        }
        catch (LogDamagedException error)
        {
            errors.WriteLine(error.Message);
            return (int)ExitCode.Damaged;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DeterminismException)
        {
            errors.WriteLine(error.Message);
            return (int)ExitCode.Failed;
        }
    }
}

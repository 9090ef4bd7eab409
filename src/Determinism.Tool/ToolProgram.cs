using System.CommandLine;
using Determinism.Machine;

namespace Determinism.Tool;

/// <summary>The command line, with what it prints to given by the caller, so that tests can run it.</summary>
internal sealed class ToolProgram(TextWriter output, TextWriter errors)
{
    public int Invoke(IReadOnlyList<string> arguments)
    {
        var root = new RootCommand("Looks into event logs of recorded virtual machines.")
        {
            LogCommand.Create(output, errors), Commands.DebugCommand.Create(output), Commands.RacesCommand.Create(output, errors),
        };
        try
        {
            try
            {
                return Invoke(root.Parse(arguments));
            }
            finally
            {
                // Before the message of an error, and where its own errors are still caught.
                output.Flush();
            }
        }
        catch (OutputClosedException)
        {
            // Nobody is interested in more; "head" does this.
            return (int)ExitCode.Failed;
        }
        catch (UsageException error)
        {
            errors.WriteLine(error.Message);
            return (int)ExitCode.Usage;
        }
        catch (ReplayDivergenceException error)
        {
            errors.WriteLine(error.Message);
            return (int)ExitCode.Divergence;
        }
        catch (Exception error) when (error is UnsupportedException or ReplayRefusedException or MachineRefusedException)
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

    private int Invoke(ParseResult result)
    {
        if (result.Errors.Count == 0)
            return result.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
        foreach (System.CommandLine.Parsing.ParseError error in result.Errors)
            errors.WriteLine(error.Message);
        errors.WriteLine("--help tells more.");
        return (int)ExitCode.Usage;
    }
}

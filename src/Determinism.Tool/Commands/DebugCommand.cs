using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using Determinism.Debugging;
using Determinism.Emulation.History;
using Determinism.Log;
using Determinism.Tool.Reading;

namespace Determinism.Tool.Commands;

/// <summary><c>debug</c>: a recorded run under gdb, forwards and backwards.</summary>
internal static class DebugCommand
{
    public static Command Create(TextWriter output)
    {
        var input = new LogInput();
        var listen = new Option<IPEndPoint>("--listen")
        {
            HelpName = "ADDRESS:PORT",
            Description = "Where gdb connects to; port 0 for any that is free.",
            DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 0),
            CustomParser = ParseEndPoint,
        };
        var allowsRemote = new Option<bool>("--allow-remote")
        {
            Description = "Listens on other addresses than loopback too. Whoever connects can read all of the guest's memory.",
        };
        var once = new Option<bool>("--once") { Description = "Ends when the first debugger has gone." };
        var image = new Option<string?>("--image") { HelpName = "FILE", Description = "Writes the guest's program there, for gdb's symbols." };
        var command = new Command("debug", """
            Replays a recording of the sample machine on the managed machine under gdb: breakpoints, watchpoints, steps and
            "continue", in both directions; "monitor help" lists what else there is. Ends when it is interrupted.

            Example:
              determinism debug run.log --listen 127.0.0.1:1234 --image guest.elf
              gdb guest.elf -ex "target remote 127.0.0.1:1234"
            """)
        {
            input.Path, listen, allowsRemote, once, image, input.Key,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IPEndPoint endPoint = parsed.GetValue(listen)!;
            if (!parsed.GetValue(allowsRemote) && !IPAddress.IsLoopback(endPoint.Address))
                throw new UsageException($"{endPoint.Address} can be reached from other computers; --allow-remote if that is meant.");
            using FileEventLogReader log = input.Open(parsed);
            using var history = new RecordedHistory(log);
            if (parsed.GetValue(image) is { } file)
                await File.WriteAllBytesAsync(file, history.Configuration.Image.File, cancellationToken).ConfigureAwait(false);
            await ServeAsync(new GdbServer(new HistoryTarget(history, history.Commands)), endPoint, parsed.GetValue(once), output, cancellationToken)
                .ConfigureAwait(false);
            return (int)ExitCode.Identical;
        });
        return command;
    }

    private static async Task ServeAsync(GdbServer server, IPEndPoint endPoint, bool isOnce, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            using var listener = new GdbListener(server, endPoint, allowsRemote: true);
            await output.WriteLineAsync($"target remote {listener.LocalEndPoint}").ConfigureAwait(false);
            // Whoever starts gdb waits for this line.
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (isOnce)
                await listener.ServeOneAsync(cancellationToken).ConfigureAwait(false);
            else
                await listener.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
        catch (SocketException error)
        {
            throw new IOException($"{endPoint}: {error.Message}", error);
        }
    }

    private static IPEndPoint? ParseEndPoint(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? endPoint))
            return endPoint;
        result.AddError($"--listen takes an address and a port, such as 127.0.0.1:1234, not \"{text}\".");
        return null;
    }
}

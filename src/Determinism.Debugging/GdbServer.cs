using System.Threading.Channels;
using Determinism.Debugging.Protocol;

namespace Determinism.Debugging;

/// <summary>Speaks gdb's remote serial protocol for a target, over any stream of bytes.</summary>
/// <remarks>
/// One debugger at a time; when it has gone, the next finds the target where it was left, and none of its breakpoints. Whatever
/// comes in ends at worst the connection, never the server. docs/debugging.md lists packets and errors.
/// </remarks>
public sealed class GdbServer
{
    // A debugger sends one and waits. Who sends as many without waiting is none.
    private const int MostWaitingInputs = 64;

    private readonly IDebugTarget _target;
    private readonly GdbServerOptions _options;
    private int _isServing;

    /// <summary>Creates it.</summary>
    /// <param name="target">What is debugged.</param>
    /// <param name="options">How it speaks; the defaults if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public GdbServer(IDebugTarget target, GdbServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= new GdbServerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PacketBytes, 1024, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.PacketBytes, 1 << 20, nameof(options));
        _target = target;
        _options = options;
    }

    /// <summary>Serves one debugger until it lets go, the stream ends, or what comes is not of this protocol.</summary>
    /// <param name="stream">To and from the debugger; reads and writes may be under way at once. It is not closed.</param>
    /// <param name="cancellationToken">Ends it; a target that runs is interrupted.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="InvalidOperationException">Another debugger is being served.</exception>
    public async Task ServeAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (Interlocked.Exchange(ref _isServing, 1) != 0)
            throw new InvalidOperationException("One debugger at a time.");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var gone = new CancellationTokenSource();
        var inputs = Channel.CreateBounded<Input>(new BoundedChannelOptions(MostWaitingInputs) { SingleReader = true, SingleWriter = true });
        Task reading = ReadAsync(stream, inputs.Writer, gone, ending.Token);
        try
        {
            // On a thread of its own: resuming takes as long as it takes.
            await Task.Run(() => AnswerAsync(stream, inputs.Reader, gone.Token, ending.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The debugger is gone.
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
            Volatile.Write(ref _isServing, 0);
        }
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task ReadAsync(Stream stream, ChannelWriter<Input> inputs, CancellationTokenSource gone, CancellationToken ending)
    {
        var reader = new PacketReader(_options.PacketBytes);
        var buffer = new byte[4096];
        // An interrupt is for the packet before it, whether that is being carried out or has yet to be.
        Input? last = null;
        bool isFirst = true;
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, ending).ConfigureAwait(false)) > 0)
            {
                // A browser can be made to send a request to any port of its host; no debugger begins like one.
                if (isFirst && buffer[0] is not ((byte)'+' or (byte)'-' or (byte)'$' or PacketReader.InterruptByte))
                    return;
                isFirst = false;
                for (int index = 0; index < count; index++)
                {
                    PacketInput kind = reader.Push(buffer[index]);
                    if (kind == PacketInput.Interrupt && last is not null)
                        await last.Interrupt.CancelAsync().ConfigureAwait(false);
                    if (kind is PacketInput.Nothing or PacketInput.Interrupt or PacketInput.Acknowledged)
                        continue;
                    var input = new Input(kind, kind == PacketInput.Packet ? reader.Packet.ToArray() : []);
                    if (!inputs.TryWrite(input))
                        return;
                    last = input;
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The debugger is gone, or we are.
        }
        finally
        {
            // Nobody waits for where a target stops now.
            await gone.CancelAsync().ConfigureAwait(false);
            inputs.Complete();
        }
    }

    private async Task AnswerAsync(Stream stream, ChannelReader<Input> inputs, CancellationToken gone, CancellationToken ending)
    {
        var session = new GdbSession(_target, _options.PacketBytes);
        byte[] lastFrame = [];
        try
        {
            while (!session.IsOver && await inputs.WaitToReadAsync(ending).ConfigureAwait(false) && inputs.TryRead(out Input? input))
            {
                using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(input.Interrupt.Token, gone);
                if (input.Kind == PacketInput.Refused)
                {
                    if (!session.IsNoAck)
                        await SendAsync(stream, lastFrame, ending).ConfigureAwait(false);
                    continue;
                }
                bool isDamaged = input.Kind == PacketInput.Damaged;
                if (!session.IsNoAck)
                    await SendAsync(stream, [(byte)(isDamaged ? '-' : '+')], ending).ConfigureAwait(false);
                // It is sent again; without acknowledgements it is not, and must not be waited for.
                if (isDamaged && !session.IsNoAck)
                    continue;
                IReadOnlyList<Reply> replies = input.Kind == PacketInput.Packet
                    ? session.Handle(input.Packet, interrupt.Token)
                    : [GdbSession.Error(PacketError.Malformed)];
                foreach (Reply reply in replies)
                {
                    lastFrame = reply.ToFrame();
                    await SendAsync(stream, lastFrame, ending).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Whoever cancelled knows.
        }
    }

    private static async Task SendAsync(Stream stream, byte[] bytes, CancellationToken ending)
    {
        await stream.WriteAsync(bytes, ending).ConfigureAwait(false);
        await stream.FlushAsync(ending).ConfigureAwait(false);
    }

    private sealed record Input(PacketInput Kind, byte[] Packet)
    {
        public CancellationTokenSource Interrupt { get; } = new();
    }
}

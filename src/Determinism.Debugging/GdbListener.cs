using System.Net;
using System.Net.Sockets;

namespace Determinism.Debugging;

/// <summary>Lets debuggers connect over TCP, one after the other.</summary>
/// <remarks>The protocol knows no password: whoever connects reads all of the guest's memory. So it listens on the loopback
/// address, unless told otherwise.</remarks>
public sealed class GdbListener : IDisposable
{
    private readonly GdbServer _server;
    private readonly TcpListener _listener;

    /// <summary>Begins to listen; debuggers wait until <see cref="RunAsync"/> is called.</summary>
    /// <param name="server">Who serves them.</param>
    /// <param name="endPoint">Where; port 0 for any that is free.</param>
    /// <param name="allowsRemote">Whether an address other than loopback is meant.</param>
    /// <exception cref="ArgumentException">The address is not loopback, and remote debuggers are not allowed.</exception>
    /// <exception cref="SocketException">It cannot listen there.</exception>
    public GdbListener(GdbServer server, IPEndPoint endPoint, bool allowsRemote = false)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(endPoint);
        if (!allowsRemote && !IPAddress.IsLoopback(endPoint.Address))
            throw new ArgumentException(
                $"{endPoint.Address} can be reached from other computers, and the protocol knows no password.", nameof(endPoint));
        _server = server;
        _listener = new TcpListener(endPoint);
        _listener.Start();
    }

    /// <summary>Where it listens, with the port that it got.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Serves debuggers, each until it has gone, until it is ended.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
            await ServeOneAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Serves the next debugger until it has gone.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task ServeOneAsync(CancellationToken cancellationToken)
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
        client.NoDelay = true;
        NetworkStream stream = client.GetStream();
        await using (stream.ConfigureAwait(false))
            await _server.ServeAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends listening.</summary>
    public void Dispose() => _listener.Dispose();
}

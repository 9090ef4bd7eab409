using System.Globalization;
using System.Text;

namespace Determinism.Debugging.Tests.Support;

/// <summary>The debugger's side, byte by byte, and a server behind it.</summary>
internal sealed class Client : IAsyncDisposable
{
    private readonly Stream _stream;

    public Client(IDebugTarget target, GdbServerOptions? options = null)
        : this(new GdbServer(target, options))
    {
    }

    public Client(GdbServer server)
    {
        (_stream, Stream far) = Pipes.Connect();
        Serving = ServeAsync(server, far);
    }

    public Task Serving { get; }

    public bool IsNoAck { get; set; }

    public static byte[] Frame(ReadOnlySpan<byte> content)
    {
        byte sum = 0;
        foreach (byte value in content)
            sum += value;
        return [(byte)'$', .. content, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"#{sum:x2}"))];
    }

    public static byte[] Frame(string content) => Frame(Encoding.Latin1.GetBytes(content));

    /// <summary>Sends a packet and takes the answer.</summary>
    public async Task<string> AskAsync(string packet)
    {
        await SendAsync(Frame(packet));
        if (!IsNoAck)
            Assert.Equal('+', await ReadByteAsync());
        return await ReadReplyAsync();
    }

    public async Task SendAsync(byte[] bytes)
    {
        await _stream.WriteAsync(bytes);
        await _stream.FlushAsync();
    }

    public async Task<char> ReadByteAsync()
    {
        var one = new byte[1];
        return await _stream.ReadAsync(one) == 1 ? (char)one[0] : '\0';
    }

    /// <summary>Takes a packet: without escapes, with runs written out, its checksum right. Acknowledges it.</summary>
    public async Task<string> ReadReplyAsync()
    {
        Assert.Equal('$', await ReadByteAsync());
        var raw = new StringBuilder();
        for (char next; (next = await ReadByteAsync()) != '#';)
        {
            Assert.NotEqual('\0', next);
            raw.Append(next);
        }
        string sum = $"{await ReadByteAsync()}{await ReadByteAsync()}";
        Assert.Equal(raw.ToString().Aggregate((byte)0, (total, next) => (byte)(total + next)), Convert.ToByte(sum, 16));
        if (!IsNoAck)
            await SendAsync("+"u8.ToArray());
        return Expand(raw.ToString());
    }

    public async Task<bool> IsClosedAsync() => await ReadByteAsync() == '\0';

    public void Close() => _stream.Dispose();

    public async ValueTask DisposeAsync()
    {
        Close();
        await Serving;
    }

    /// <summary>Undoes escapes and runs.</summary>
    public static string Expand(string raw)
    {
        var text = new StringBuilder();
        for (int at = 0; at < raw.Length; at++)
        {
            if (raw[at] == '}')
                text.Append((char)(raw[++at] ^ 0x20));
            else if (raw[at] == '*')
                text.Append(text[^1], raw[++at] - 29);
            else
                text.Append(raw[at]);
        }
        return text.ToString();
    }

    private static async Task ServeAsync(GdbServer server, Stream far)
    {
        await using (far)
            await server.ServeAsync(far);
    }
}

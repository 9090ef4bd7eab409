using System.Net;
using System.Net.Sockets;
using System.Text;
using Determinism.Debugging.Tests.Support;

namespace Determinism.Debugging.Tests.Protocol;

/// <summary>Connections: what goes wrong on the way, interrupts, coming and going.</summary>
public class ConnectionTests
{
    [Fact]
    public async Task A_damaged_packet_is_asked_for_again()
    {
        await using var client = new Client(new ScratchTarget());
        await client.SendAsync("$qC#00"u8.ToArray());
        Assert.Equal('-', await client.ReadByteAsync());
        Assert.Equal("QC7", await client.AskAsync("qC"));
        Assert.Equal("OK", await client.AskAsync("QStartNoAckMode"));
        client.IsNoAck = true;
        await client.SendAsync("$qC#00"u8.ToArray());
        Assert.Equal("E01", await client.ReadReplyAsync());
    }

    [Fact]
    public async Task An_answer_that_did_not_arrive_is_sent_again()
    {
        await using var client = new Client(new ScratchTarget());
        Assert.Equal("QC7", await client.AskAsync("qC"));
        await client.SendAsync("-"u8.ToArray());
        Assert.Equal("QC7", await client.ReadReplyAsync());
    }

    [Fact]
    public async Task A_packet_that_is_too_long_is_an_error()
    {
        await using var client = new Client(new ScratchTarget(), new GdbServerOptions { PacketBytes = 1024 });
        Assert.Equal("E01", await client.AskAsync("M0,1000:" + new string('0', 0x2000)));
        Assert.Equal("QC7", await client.AskAsync("qC"));
    }

    [Fact]
    public async Task A_target_that_runs_is_interrupted()
    {
        using var isRunning = new SemaphoreSlim(0);
        await using var client = new Client(Endless(isRunning));
        await client.SendAsync(Client.Frame("vCont;c"));
        Assert.Equal('+', await client.ReadByteAsync());
        await isRunning.WaitAsync();
        await client.SendAsync([3]);
        Assert.StartsWith("T02", await client.ReadReplyAsync(), StringComparison.Ordinal);
        // An interrupt that comes too late is for nobody.
        await client.SendAsync([3]);
        Assert.Equal("QC7", await client.AskAsync("qC"));
    }

    [Fact]
    public async Task An_interrupt_right_behind_a_packet_is_not_lost()
    {
        await using var client = new Client(Endless());
        await client.SendAsync([.. Client.Frame("vCont;c"), 3]);
        Assert.Equal('+', await client.ReadByteAsync());
        Assert.StartsWith("T02", await client.ReadReplyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_debugger_that_goes_away_does_not_leave_the_target_running()
    {
        var client = new Client(Endless());
        await client.SendAsync(Client.Frame("vCont;c"));
        Assert.Equal('+', await client.ReadByteAsync());
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData("D", "OK")]
    [InlineData("vKill;1", "OK")]
    [InlineData("k", "")]
    public async Task A_debugger_lets_go_and_another_comes(string packet, string answer)
    {
        var server = new GdbServer(new HistoryTarget(new ToyHistory(1, 1, 100, 10)));
        await using (var client = new Client(server))
        {
            await client.AskAsync("Z0,1004,1");
            await client.AskAsync("vCont;c");
            await client.SendAsync(Client.Frame(packet));
            Assert.Equal('+', await client.ReadByteAsync());
            if (answer.Length > 0)
                Assert.Equal(answer, await client.ReadReplyAsync());
            Assert.True(await client.IsClosedAsync());
        }
        await using var next = new Client(server);
        Assert.EndsWith("10:0410000000000000;thread:1;", await next.AskAsync("?"), StringComparison.Ordinal);
        // The breakpoint has gone with whoever set it.
        Assert.StartsWith("T05replaylog:end;", await next.AskAsync("vCont;c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_begin_like_a_debugger_is_not_listened_to()
    {
        var target = new ScratchTarget();
        await using var client = new Client(target);
        await client.SendAsync([.. "POST / HTTP/1.1\r\n\r\n"u8, .. Client.Frame("M0,1:ff")]);
        Assert.True(await client.IsClosedAsync());
        Assert.Equal(0, target.Memory[0]);
    }

    [Fact]
    public async Task A_flood_ends_the_connection()
    {
        using var isRunning = new SemaphoreSlim(0);
        await using var client = new Client(Endless(isRunning));
        await client.SendAsync(Client.Frame("vCont;c"));
        await isRunning.WaitAsync();
        await client.SendAsync([.. Enumerable.Repeat(Client.Frame("qC"), 200).SelectMany(frame => frame)]);
        await client.Serving;
    }

    [Fact]
    public async Task A_mistake_in_a_target_is_not_hidden()
    {
        var server = new GdbServer(new ScratchTarget());
        (Stream near, Stream far) = Pipes.Connect();
        Task serving = server.ServeAsync(far);
        await near.WriteAsync(Client.Frame("qRcmd," + Convert.ToHexString("bug"u8)));
        await near.FlushAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => serving);
    }

    [Fact]
    public async Task One_debugger_at_a_time()
    {
        var server = new GdbServer(new ScratchTarget());
        await using var client = new Client(server);
        Assert.Equal("QC7", await client.AskAsync("qC"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.ServeAsync(Pipes.Connect().Far));
    }

    [Fact]
    public void Only_those_who_mean_it_listen_to_other_computers()
    {
        var server = new GdbServer(new ScratchTarget());
        Assert.Throws<ArgumentException>(() => new GdbListener(server, new IPEndPoint(IPAddress.Any, 0)));
        Assert.Throws<ArgumentException>(() => new GdbListener(server, new IPEndPoint(IPAddress.IPv6Any, 0)));
        using var meant = new GdbListener(server, new IPEndPoint(IPAddress.Any, 0), allowsRemote: true);
        using var local = new GdbListener(server, new IPEndPoint(IPAddress.Loopback, 0));
        Assert.NotEqual(0, local.LocalEndPoint.Port);
    }

    [Fact]
    public async Task Over_tcp_debuggers_come_one_after_the_other_until_it_is_ended()
    {
        using var ending = new CancellationTokenSource();
        using var listener = new GdbListener(new GdbServer(new ScratchTarget()), new IPEndPoint(IPAddress.Loopback, 0));
        Task running = listener.RunAsync(ending.Token);
        for (int debugger = 0; debugger < 3; debugger++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(listener.LocalEndPoint);
            await client.GetStream().WriteAsync(Client.Frame("qC"));
            var answer = new byte[8];
            await client.GetStream().ReadExactlyAsync(answer);
            Assert.Equal("+$QC7#cb", Encoding.ASCII.GetString(answer));
        }
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static ScratchTarget Endless(SemaphoreSlim? isRunning = null) => new()
    {
        OnResume = interrupt =>
        {
            isRunning?.Release();
            interrupt.WaitHandle.WaitOne();
            return DebugStop.Interrupted(7);
        },
    };
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Determinism.Tool.Tests.Running;

namespace Determinism.Tool.Tests.Debugging;

/// <summary><c>debug</c>: where it listens and how it ends; what a debugger sees is the library's to test.</summary>
public class DebugTests
{
    [Fact]
    public async Task It_says_where_it_listens_serves_one_debugger_and_ends()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        var output = new FirstLine();
        using var errors = new StringWriter();
        Task<int> running = Task.Run(() => new ToolProgram(output, errors).Invoke(
            ["debug", log.Path, "--listen", "127.0.0.1:0", "--once", "--image", log.Beside("guest.elf")]));
        Task first = await Task.WhenAny(output.Line, running);
        Assert.True(first == output.Line, errors.ToString());
        string line = await output.Line;
        Assert.StartsWith("target remote 127.0.0.1:", line, StringComparison.Ordinal);
        using (var gdb = new TcpClient())
        {
            await gdb.ConnectAsync(IPEndPoint.Parse(line["target remote ".Length..]));
            NetworkStream stream = gdb.GetStream();
            await stream.WriteAsync("$qAttached#8f"u8.ToArray());
            var answer = new byte[6];
            await stream.ReadExactlyAsync(answer);
            Assert.Equal("+$1#31", Encoding.ASCII.GetString(answer));
            await stream.WriteAsync("$D#44"u8.ToArray());
            Assert.Equal(0, await running);
        }
        Assert.Equal("", errors.ToString());
        Assert.Equal("\u007fELF"u8.ToArray(), File.ReadAllBytes(log.Beside("guest.elf"))[..4]);
    }

    [Fact]
    public void Other_computers_are_let_in_only_if_that_is_meant()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ToolRun run = ToolRun.Of("debug", log.Path, "--listen", "0.0.0.0:0");
        Assert.Equal((int)ExitCode.Usage, run.Code);
        Assert.Contains("--allow-remote", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("here")]
    [InlineData("1234")]
    [InlineData("127.0.0.1:x")]
    public void An_address_that_is_none_is_misuse(string address)
    {
        ToolRun run = ToolRun.Of("debug", "run.log", "--listen", address);
        Assert.Equal((int)ExitCode.Usage, run.Code);
        Assert.Contains("--listen takes", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_taken_is_a_failure()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        ToolRun run = ToolRun.Of("debug", log.Path, "--listen", taken.LocalEndpoint.ToString()!);
        Assert.Equal((int)ExitCode.Failed, run.Code);
        Assert.Contains(taken.LocalEndpoint.ToString()!, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_cannot_be_replayed_ends_with_3()
    {
        using var log = new LogFolder(SampleLogs.Racy);
        ToolRun.Good("log", "redact", log.Path, log.Beside("other"), "--block", "image");
        Assert.Equal((int)ExitCode.Unsupported, ToolRun.Of("debug", log.Beside("other")).Code);
    }

    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _line.TrySetResult(ToString().Trim());
            return Task.CompletedTask;
        }
    }
}

using System.Net;
using Determinism.Debugging.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.Debugging.Tests.Gdb;

/// <summary>A stock gdb against the server, over TCP.</summary>
public sealed class RealGdbTests(ITestOutputHelper output) : IDisposable
{
    private readonly CancellationTokenSource _ending = new();

    [SkippableFact]
    public async Task It_reads_registers_memory_and_threads()
    {
        string[] said = await RunAsync(2, "info registers rip eflags", "p $xmm0.uint128", "p $st0", "x/4xb 0x1000", "info threads",
            "thread 2", "p $rsp", "set var $rax = 1", "set var *(char*)0x1000 = 1", "p *(int*)0x9999");
        AssertSaid(said, "rip            0x1000");
        AssertSaid(said, "= 0");
        AssertSaid(said, "<unavailable>");
        AssertSaid(said, "0x90\t0x90\t0x90\t0x90");
        AssertSaid(said, "(toy 0 at 0)");
        AssertSaid(said, "(toy 1 at 0)");
        AssertSaid(said, "0x2a00");
        AssertSaid(said, "What is recorded has happened");
        AssertSaid(said, "Cannot access memory at address 0x1000");
        AssertSaid(said, "Cannot access memory at address 0x9999");
    }

    [SkippableFact]
    public async Task It_steps_and_continues_forwards_and_backwards()
    {
        string[] said = await RunAsync(1, "break *0x1004", "continue", "p $rip", "p *(int*)0x2000", "continue", "p *(int*)0x2000", "stepi",
            "p $rip", "reverse-stepi", "p $rip", "reverse-stepi", "p *(int*)0x2000", "reverse-continue", "p $rip", "p *(int*)0x2000",
            "reverse-continue", "reverse-continue", "p $rip", "delete", "continue");
        Assert.Equal(
        [
            "$1 = (void (*)()) 0x1004", "$2 = 1", "$3 = 2", "$4 = (void (*)()) 0x1005", "$5 = (void (*)()) 0x1004", "$6 = 1",
            "$7 = (void (*)()) 0x1004", "$8 = 1", "$9 = (void (*)()) 0x1000",
        ], said.Where(line => line.StartsWith('$')));
        // Two at the beginning, one at the end.
        Assert.Equal(3, said.Count(line => line.Contains("No more reverse-execution history", StringComparison.Ordinal)));
        AssertSaid(said, "Breakpoint 1, 0x0000000000001004");
    }

    [SkippableFact]
    public async Task Watchpoints_show_old_and_new_values_in_both_directions()
    {
        string[] said = await RunAsync(1, "watch *(int*)0x2000", "continue", "continue", "reverse-continue", "p *(int*)0x2000",
            "reverse-continue", "p *(int*)0x2000", "delete", "rwatch *(int*)0x2000", "continue", "p $rip", "delete", "awatch *(long*)0x2010", "continue", "p $rip");
        AssertInOrder(said, "Hardware watchpoint 1", "Old value = 0", "New value = 1", "Old value = 1", "New value = 2",
            "Old value = 2", "New value = 1", "$1 = 1", "Old value = 1", "New value = 0", "$2 = 0",
            "Hardware read watchpoint 2", "Value = ", "$3 = (void (*)()) 0x1004", "Hardware access (read/write) watchpoint 3", "$4 = (void (*)()) 0x1007");
    }

    [SkippableFact]
    public async Task Threads_stop_at_one_breakpoint_each_and_are_stepped()
    {
        string[] said = await RunAsync(3, "break *0x1003", "continue", "continue", "continue", "continue", "continue", "continue",
            "stepi", "stepi", "reverse-continue", "reverse-continue", "thread 3", "stepi", "stepi", "stepi", "reverse-stepi");
        foreach (int thread in (int[])[1, 2, 3])
            AssertSaid(said, $"Thread {thread} hit Breakpoint 1, 0x0000000000001003");
        Assert.DoesNotContain(said, line => line.Contains("internal-error", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Commands_of_the_server_are_reached_by_monitor()
    {
        string[] said = await RunAsync(1, "monitor where", "monitor seek 12", "maintenance flush register-cache", "p $rip", "p *(int*)0x2000", "stepi", "p $rip",
            "monitor fly");
        AssertInOrder(said, "$1 = (void (*)()) 0x1004", "$2 = 2", "$3 = (void (*)()) 0x1005");
        AssertInOrder(said, "After step 0; thread 1 is next, at 0x1000.", "After step 12; thread 1 is next, at 0x1004.",
            "There is no command \"fly\"");
    }

    [SkippableFact]
    public async Task It_detaches_and_connects_again()
    {
        string[] said = await RunAsync(1, "break *0x1004", "continue", "detach", "target remote {0}", "p $rip", "disconnect", "target remote {0}", "stepi", "p $rip");
        AssertInOrder(said, "$1 = (void (*)()) 0x1004", "$2 = (void (*)()) 0x1005");
    }

    [SkippableFact]
    public async Task It_interrupts()
    {
        var target = new ScratchTarget
        {
            OnResume = interrupt =>
            {
                interrupt.WaitHandle.WaitOne();
                return DebugStop.Interrupted(7);
            },
        };
        string[] said = await RunAsync(target, "python import threading, os, signal", "python threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()",
            "continue", "p 6 * 7");
        AssertInOrder(said, "Program received signal SIGINT", "$1 = 42");
    }

    public void Dispose() => _ending.Dispose();

    private static void AssertSaid(string[] said, string expected) =>
        Assert.True(said.Any(line => line.Contains(expected, StringComparison.Ordinal)), $"Nowhere \"{expected}\" in:\n{string.Join('\n', said)}");

    private static void AssertInOrder(string[] said, params string[] expected)
    {
        int at = 0;
        foreach (string part in expected)
        {
            at = Array.FindIndex(said, at, line => line.Contains(part, StringComparison.Ordinal)) + 1;
            Assert.True(at > 0, $"\"{part}\" is missing, or comes too early, in:\n{string.Join('\n', said)}");
        }
    }

    private Task<string[]> RunAsync(int threads, params string[] commands) =>
        RunAsync(new HistoryTarget(new ToyHistory(threads, 1, 400, 30)), commands);

    private async Task<string[]> RunAsync(IDebugTarget target, params string[] commands)
    {
        string? gdb = GdbProcess.Find();
        Skip.If(gdb is null, GdbProcess.Missing);
        using var listener = new GdbListener(new GdbServer(target), new IPEndPoint(IPAddress.Loopback, 0));
        Task running = listener.RunAsync(_ending.Token);
        string there = listener.LocalEndPoint.ToString();
        string[] arguments = [.. commands.Prepend("target remote {0}")
            .SelectMany(command => (string[])["-ex", command.Replace("{0}", there, StringComparison.Ordinal)])];
        string[] said = (await GdbProcess.RunAsync(gdb!, arguments)).Split('\n');
        output.WriteLine(string.Join('\n', said));
        await _ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        return said;
    }
}

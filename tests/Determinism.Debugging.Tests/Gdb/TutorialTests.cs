using System.Net;
using System.Text.RegularExpressions;
using Determinism.Debugging.Tests.Recordings;
using Determinism.Emulation.History;
using Xunit.Abstractions;

namespace Determinism.Debugging.Tests.Gdb;

/// <summary>The tutorial's script, on whatever recording comes, with the stock gdb.</summary>
public class TutorialTests(ITestOutputHelper output)
{
    private static readonly string s_root = FindRoot();

    [SkippableTheory]
    [InlineData(2, ClockKind.RetiredInstructions)]
    [InlineData(3, ClockKind.SoftwareCounter)]
    public async Task The_script_finds_the_two_accesses_that_lost_an_update(int vcpus, ClockKind clock)
    {
        string? gdb = GdbProcess.Find();
        Skip.If(gdb is null, GdbProcess.Missing);
        using RecordedHistory history = RecordLoss(vcpus, clock);
        string said = await RunAsync(gdb!, history, "lost-update.gdb");

        Match writes = Assert.Single(Regex.Matches(said, @"^thread (\d+) is about to write \d+ over (\d+)", RegexOptions.Multiline));
        Match read = Assert.Single(Regex.Matches(said, @"^thread (\d+) has read (\d+)", RegexOptions.Multiline));
        MatchCollection between = Regex.Matches(said, @"^thread (\d+) writes it in between", RegexOptions.Multiline);
        Assert.Equal(writes.Groups[1].Value, read.Groups[1].Value);
        Assert.NotEmpty(between);
        Assert.All(between, one => Assert.NotEqual(writes.Groups[1].Value, one.Groups[1].Value));
        Assert.True(long.Parse(read.Groups[2].Value) < long.Parse(writes.Groups[2].Value));
    }

    [SkippableFact]
    public async Task The_script_asks_who_wrote_and_what_came_before()
    {
        string? gdb = GdbProcess.Find();
        Skip.If(gdb is null, GdbProcess.Missing);
        using RecordedHistory history = RecordLoss(2, ClockKind.RetiredInstructions);
        string said = await RunAsync(gdb!, history, "who-did-it.gdb");

        Match writer = Assert.Single(Regex.Matches(said, @"^vCPU (\d) at (work\+0x\w+) \(0x(\w+)\), after its event (\d+); ""monitor seek (\d+)"" goes there", RegexOptions.Multiline));
        Assert.Contains($"After step {writer.Groups[5].Value}; thread {int.Parse(writer.Groups[1].Value) + 1} is next, at 0x{writer.Groups[3].Value}.", said, StringComparison.Ordinal);
        Assert.Matches($@"=> 0x0*{writer.Groups[3].Value}.*:\s+mov ", said);
        Assert.Matches($@"(?m)^vCPU {writer.Groups[1].Value} at {Regex.Escape(writer.Groups[2].Value)}, .*, after event {writer.Groups[4].Value}$", said);
        Assert.Matches($"(?m)^vCPU {writer.Groups[1].Value}: ReadWrite to frame 0x", said);
        Assert.Matches($"(?m)^event {writer.Groups[1].Value}:[0-9]+, .* to ReadWrite$", said);
        Assert.Contains($"Before event {writer.Groups[1].Value}:{writer.Groups[4].Value}:", said, StringComparison.Ordinal);
        Assert.Matches("(?m)^> [0-9]+ at ", said);
        Assert.Contains("There are none.", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_shows_the_script_as_it_is()
    {
        string script = File.ReadAllText(Path.Combine(s_root, "samples/Debugging/lost-update.gdb"));
        Assert.Contains(script, File.ReadAllText(Path.Combine(s_root, "docs/debugging.md")), StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(string gdb, RecordedHistory history, string script)
    {
        using var ending = new CancellationTokenSource();
        using var listener = new GdbListener(new GdbServer(new HistoryTarget(history, history.Commands)), new IPEndPoint(IPAddress.Loopback, 0));
        Task running = listener.RunAsync(ending.Token);
        string said = await GdbProcess.RunAsync(gdb, [Path.Combine(s_root, "samples/Guests/bin/racy.elf"), "-ex", $"target remote {listener.LocalEndPoint}",
            "-x", Path.Combine(s_root, "samples/Debugging", script)]);
        output.WriteLine(said);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        return said;
    }

    /// <summary>A recording in which an update was lost, as in most.</summary>
    private static RecordedHistory RecordLoss(int vcpus, ClockKind clock)
    {
        for (ulong seed = 1; seed < 100; seed++)
        {
            var history = new RecordedHistory(Recorded.Record("racy", vcpus, clock, seed: seed));
            history.Seek(ulong.MaxValue, CancellationToken.None);
            var counter = new byte[8];
            history.ReadMemory(history.Configuration.Image.Symbols.Single(symbol => symbol.Name == "counter").Address, counter);
            if (BitConverter.ToUInt64(counter) < history.Configuration.Parameters[0])
                return history;
            history.Dispose();
        }
        throw new InvalidOperationException("No update was lost in a hundred recordings.");
    }

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Determinism.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}

using System.Diagnostics;
using Determinism.Log;
using Determinism.Replaying;

namespace Determinism.Extensions.Tests.Hosting;

public class HostingPageTests
{
    private static readonly string[] s_keys = ["web", "database"];

    [Fact]
    public void The_program_on_the_page_is_the_one_that_is_compiled_here()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hosting.md"));
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Program.cs"));
        string shown = page.Split("```csharp")[1].Split("```")[0];
        Assert.Equal(Lines(source), Lines(shown));
    }

    [Fact]
    public async Task The_program_on_the_page_records_both_machines()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        using var captured = new CapturedActivities(SmallMachine.Guest);
        try
        {
            await Program.Main([folder.FullName]);
            foreach (string key in s_keys)
            {
                using var log = new FileEventLogReader(Path.Combine(folder.FullName, key + ".log"));
                Assert.True(log.IsComplete);
                var machine = new SmallMachine(2);
                using ReplaySession replay = ReplaySession.Start(
                    machine, log, new ReplayOptions { Guest = SmallMachine.Guest, InitialState = 0 });
                machine.Run(replay);
                Assert.True(replay.ReachedEveryEnd);
                Assert.Equal(
                    key == "web" ? OwnershipScope.Frames : OwnershipScope.Machine, ReplaySession.ReadHeader(log).Scope);
                Activity activity = Assert.Single(
                    captured.Ended, one => Equals(one.GetTagItem("determinism.session.key"), key));
                Assert.Equal("completed", activity.GetTagItem("determinism.session.outcome"));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("determinism.sessions.active")]
    [InlineData("determinism.page.transitions")]
    [InlineData("determinism.page.steals")]
    [InlineData("determinism.log.bytes")]
    [InlineData("determinism.log.events")]
    [InlineData("determinism.constraints")]
    [InlineData("Scheduling")]
    [InlineData("HoldTime")]
    [InlineData("Seed")]
    [InlineData("DigestInterval")]
    [InlineData("KeepStates")]
    [InlineData("AnswerTimeout")]
    public void The_page_has_a_row_for_every_option_and_instrument(string name) => Assert.Contains($"| `{name}` |",
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hosting.md")), StringComparison.Ordinal);

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())).Trim();
}

using System.Diagnostics;

namespace Determinism.Machine.Tests;

/// <summary>The main job as a user runs it: last line and exit code.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("", "replays identical: 18 of 18", 0)]
    [InlineData("--workload hello --vcpus 1 --runs 2 --replays 2", "replays identical: 4 of 4", 0)]
    [InlineData("--workload racy --vcpus 2 --runs 2 --replays 1 --scheduler chaos --clock polls", "replays identical: 2 of 2", 0)]
    [InlineData("--workload racy --vcpus 1 --runs 5 --replays 1", "replays identical: 5 of 5", 2)]
    [InlineData("--backend kvm --clock instructions", "", 3)]
    [InlineData("--workload nothing", "", 64)]
    [InlineData("--vcpus 65", "", 64)]
    [InlineData("--replay nowhere", "", 4)]
    public void The_main_job_ends_with_its_line_and_its_exit_code(string arguments, string lastLine, int exitCode)
    {
        (string output, int code) = Run(arguments);
        Assert.Equal(exitCode, code);
        Assert.Equal(lastLine, output.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public void Below_five_recordings_the_control_is_not_evaluated()
    {
        (string output, int code) = Run("--workload racy --vcpus 1 --runs 4 --replays 1");
        Assert.Equal(0, code);
        Assert.Contains("control not evaluated", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_of_the_last_run_is_kept_and_json_is_one_object()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            (string output, int code) = Run($"--workload radix --vcpus 2 --runs 1 --replays 1 --json --log {folder}");
            Assert.Equal(0, code);
            using var json = System.Text.Json.JsonDocument.Parse(output);
            Assert.Equal(1, json.RootElement.GetProperty("identical").GetInt32());
            string path = Path.Combine(folder, "radix.detlog");
            using (var log = new Log.FileEventLogReader(path))
                Assert.True(log.IsComplete);
            (output, code) = Run($"--replay {path}");
            Assert.Equal(0, code);
            Assert.Equal("replayed to the end", output.TrimEnd().Split('\n')[^1]);

            (output, code) = Run($"--replay {path} --go-live-at 1:20 --scheduler chaos --log {folder}");
            Assert.Equal(0, code);
            Assert.Equal("replay identical", output.TrimEnd().Split('\n')[^1]);
            using (var live = new Log.FileEventLogReader(Path.Combine(folder, "radix-live.detlog")))
            using (var parent = new Log.FileEventLogReader(path))
                Assert.True(Log.ParentLog.Find(live)!.IsOf(parent) && parent.Identity != Guid.Empty);
            Assert.Equal(64, Run($"--replay {path} --go-live-at 1:999999999 --log {folder}").Code);
            Assert.Equal(64, Run($"--replay {path} --go-live-at 1:20").Code);

            using (FileStream segment = File.OpenWrite(Path.Combine(path, "000000.detlog")))
            {
                segment.Position = segment.Length / 2;
                segment.Write([1, 2, 3, 4]);
            }
            Assert.Equal(5, Run($"--replay {path}").Code);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static (string Output, int Code) Run(string arguments)
    {
        var start = new ProcessStartInfo("dotnet", $"{Path.Combine(AppContext.BaseDirectory, "RecordReplay.dll")} {arguments}")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill();
            Assert.Fail("The main job hangs.");
        }
        _ = errors.Result;
        return (output, process.ExitCode);
    }
}

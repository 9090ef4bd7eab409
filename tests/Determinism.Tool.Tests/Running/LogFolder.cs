using Determinism.Log;

namespace Determinism.Tool.Tests.Running;

/// <summary>A log in a folder of its own, gone with the test.</summary>
internal sealed class LogFolder : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("determinism-tool-").FullName;

    public LogFolder(IEventLogReader log, LogWriteOptions? options = null) => LogCopy.WriteTo(log, Path, options);

    public LogFolder(int streams, Action<FileEventLog> write, LogWriteOptions? options = null)
    {
        using var log = new FileEventLog(Path, streams, options ?? new LogWriteOptions());
        write(log);
    }

    public string Path => System.IO.Path.Combine(_parent, "run.log");

    /// <summary>A path beside the log.</summary>
    public string Beside(string name) => System.IO.Path.Combine(_parent, name);

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}

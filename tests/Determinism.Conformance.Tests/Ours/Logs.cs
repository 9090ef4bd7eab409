using Determinism.Log;

namespace Determinism.Conformance.Tests;

public sealed class MemoryEventLogConformance : EventLogSpecification
{
    protected override IEventLog Create(int streamCount) => new MemoryEventLog(streamCount);

    protected override IEventLogReader Reopen(IEventLog log) => (MemoryEventLog)log;
}

public sealed class FileEventLogConformance : EventLogSpecification, IDisposable
{
    private readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IEventLog Create(int streamCount) => _folder.Create(streamCount);

    protected override IEventLogReader Reopen(IEventLog log) => _folder.Reopen();
}

public sealed class MemoryEventLogCost : EventLogCostSpecification
{
    protected override IEventLog Create(int streamCount) => new MemoryEventLog(streamCount);
}

public sealed class FileEventLogCost : EventLogCostSpecification, IDisposable
{
    private readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IEventLog Create(int streamCount) => _folder.Create(streamCount);
}

/// <summary>One log in a folder that goes with the test.</summary>
internal sealed class LogFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("conformance").FullName;

    private string File => Path.Combine(_path, "log");

    public FileEventLog Create(int streamCount) => new(File, streamCount);

    public FileEventLogReader Reopen() => new(File);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}

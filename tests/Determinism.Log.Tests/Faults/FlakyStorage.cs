using Determinism.Log.Tests.Disk;

namespace Determinism.Log.Tests.Faults;

/// <summary>Fails once, at the operation of a number, and then watches whether anything is still tried.</summary>
/// <param name="inner">The storage.</param>
/// <param name="failingOperation">Which operation fails, from 1; 0 for none.</param>
internal sealed class FlakyStorage(ILogStorage inner, int failingOperation) : StorageFilter(inner)
{
    private int _operations;

    /// <summary>What failed.</summary>
    public DiskStepKind? Failed { get; private set; }

    /// <summary>Operations that were tried after the one that failed.</summary>
    public int TriedAfterwards { get; private set; }

    public override ILogFile Create(string name)
    {
        FailIfDue(DiskStepKind.Create);
        return base.Create(name);
    }

    public override void Rename(string from, string to)
    {
        FailIfDue(DiskStepKind.Rename);
        base.Rename(from, to);
    }

    public override void SyncNames()
    {
        FailIfDue(DiskStepKind.SyncNames);
        base.SyncNames();
    }

    protected override int Write(ILogFile file, ReadOnlySpan<byte> data)
    {
        // A write that fails may have written something.
        if (_operations + 1 == failingOperation)
            file.Write(data[..(data.Length / 2)]);
        FailIfDue(DiskStepKind.Write);
        return file.Write(data);
    }

    protected override void Sync(ILogFile file)
    {
        FailIfDue(DiskStepKind.Sync);
        file.Sync();
    }

    private void FailIfDue(DiskStepKind kind)
    {
        TriedAfterwards += Failed is null ? 0 : 1;
        if (++_operations != failingOperation)
            return;
        Failed = kind;
        throw new IOException($"Input/output error at operation {_operations}, {kind}.");
    }
}

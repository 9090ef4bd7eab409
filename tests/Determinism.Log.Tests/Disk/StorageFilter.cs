namespace Determinism.Log.Tests.Disk;

/// <summary>A storage that passes everything on; for those that do not.</summary>
internal abstract class StorageFilter(ILogStorage inner) : ILogStorage, ILogFileRemoval
{
    public virtual IReadOnlyList<string> List() => inner.List();

    public virtual ILogFile Create(string name) => new FilteredFile(this, inner.Create(name));

    public virtual ILogFile Open(string name) => inner.Open(name);

    public virtual void Rename(string from, string to) => inner.Rename(from, to);

    public virtual void SyncNames() => inner.SyncNames();

    public virtual void Remove(string name) => ((ILogFileRemoval)inner).Remove(name);

    protected virtual int Write(ILogFile file, ReadOnlySpan<byte> data) => file.Write(data);

    protected virtual void Sync(ILogFile file) => file.Sync();

    private sealed class FilteredFile(StorageFilter filter, ILogFile file) : ILogFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

        public int Write(ReadOnlySpan<byte> data) => filter.Write(file, data);

        public void Sync() => filter.Sync(file);

        public void Dispose() => file.Dispose();
    }
}

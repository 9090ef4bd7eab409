using Determinism.Log;

namespace Determinism.Tool.Tests.Running;

/// <summary>Counts what is read of a log.</summary>
internal sealed class CountingStorage(ILogStorage inner) : ILogStorage
{
    public long BytesRead { get; private set; }

    public IReadOnlyList<string> List() => inner.List();

    public ILogFile Create(string name) => inner.Create(name);

    public ILogFile Open(string name) => new CountingFile(this, inner.Open(name));

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void SyncNames() => inner.SyncNames();

    private sealed class CountingFile(CountingStorage owner, ILogFile inner) : ILogFile
    {
        public long Length => inner.Length;

        public int Read(long offset, Span<byte> destination)
        {
            int read = inner.Read(offset, destination);
            owner.BytesRead += read;
            return read;
        }

        public int Write(ReadOnlySpan<byte> data) => inner.Write(data);

        public void Sync() => inner.Sync();

        public void Dispose() => inner.Dispose();
    }
}

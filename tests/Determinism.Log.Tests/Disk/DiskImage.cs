namespace Determinism.Log.Tests.Disk;

/// <summary>Files that do not change any more.</summary>
internal sealed class DiskImage(IReadOnlyDictionary<string, byte[]> files) : ILogStorage
{
    public IReadOnlyList<string> List() => [.. files.Keys];

    public ILogFile Open(string name) =>
        files.TryGetValue(name, out byte[]? content) ? new Content(content) : throw new FileNotFoundException(name);

    public ILogFile Create(string name) => throw new NotSupportedException();

    public void Rename(string from, string to) => throw new NotSupportedException();

    public void SyncNames() => throw new NotSupportedException();

    private sealed class Content(byte[] bytes) : ILogFile
    {
        public long Length => bytes.Length;

        public int Read(long offset, Span<byte> destination)
        {
            int count = (int)Math.Max(0, Math.Min(destination.Length, bytes.Length - offset));
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(destination);
            return count;
        }

        public int Write(ReadOnlySpan<byte> data) => throw new NotSupportedException();

        public void Sync() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}

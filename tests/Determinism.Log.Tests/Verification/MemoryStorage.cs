namespace Determinism.Log.Tests.Verification;

/// <summary>A log's folder in memory, whose bytes tests may change.</summary>
internal sealed class MemoryStorage : ILogStorage, ILogFileRemoval
{
    public Dictionary<string, byte[]> Files { get; } = [];

    public MemoryStorage Copy()
    {
        var copy = new MemoryStorage();
        foreach ((string name, byte[] bytes) in Files)
            copy.Files.Add(name, [.. bytes]);
        return copy;
    }

    public IReadOnlyList<string> List() => [.. Files.Keys];

    public ILogFile Create(string name)
    {
        Files.Add(name, []);
        return new MemoryFile(this, name);
    }

    public ILogFile Open(string name) =>
        Files.ContainsKey(name) ? new MemoryFile(this, name) : throw new FileNotFoundException(null, name);

    public void Rename(string from, string to)
    {
        Files[to] = Files[from];
        Files.Remove(from);
    }

    public void Remove(string name) => Files.Remove(name);

    public void SyncNames()
    {
    }

    private sealed class MemoryFile(MemoryStorage storage, string name) : ILogFile
    {
        public long Length => storage.Files[name].Length;

        public int Read(long offset, Span<byte> destination)
        {
            byte[] bytes = storage.Files[name];
            int count = (int)Math.Clamp(bytes.Length - offset, 0, destination.Length);
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(destination);
            return count;
        }

        public int Write(ReadOnlySpan<byte> data)
        {
            storage.Files[name] = [.. storage.Files[name], .. data];
            return data.Length;
        }

        public void Sync()
        {
        }

        public void Dispose()
        {
        }
    }
}

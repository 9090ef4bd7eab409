namespace Determinism.Log.Fuzz;

/// <summary>A log's folder in memory. It counts what is asked of it, so that a reader that never ends is found.</summary>
/// <remarks>One thread writes; others may copy what is there at any moment.</remarks>
public sealed class MemoryStorage : ILogStorage
{
    private readonly SortedDictionary<string, MemoryFile> _files = new(StringComparer.Ordinal);

    /// <summary>An empty folder.</summary>
    public MemoryStorage()
    {
    }

    /// <summary>A folder of files.</summary>
    /// <param name="files">Contents by name; not copied.</param>
    public MemoryStorage(IReadOnlyDictionary<string, byte[]> files)
    {
        foreach ((string name, byte[] content) in files)
            _files.Add(name, new MemoryFile(this, content));
    }

    /// <summary>Reads that were asked for.</summary>
    public long Reads { get; private set; }

    /// <summary>Reads after which the reader is stopped.</summary>
    public long MaximumReads { get; init; } = long.MaxValue;

    /// <summary>Bytes in all files.</summary>
    public long Length => Copy().Values.Sum(static content => (long)content.Length);

    /// <summary>The files as they are at this moment.</summary>
    public SortedDictionary<string, byte[]> Copy()
    {
        lock (_files)
        {
            var copy = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            foreach ((string name, MemoryFile file) in _files)
                copy.Add(name, file.Copy());
            return copy;
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List()
    {
        lock (_files)
            return [.. _files.Keys];
    }

    /// <inheritdoc />
    public ILogFile Create(string name)
    {
        lock (_files)
        {
            var file = new MemoryFile(this, []);
            _files.Add(name, file);
            return file;
        }
    }

    /// <inheritdoc />
    public ILogFile Open(string name)
    {
        CountRead();
        lock (_files)
            return _files.TryGetValue(name, out MemoryFile? file) ? file : throw new FileNotFoundException(name);
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        lock (_files)
        {
            _files[to] = _files[from];
            _files.Remove(from);
        }
    }

    /// <inheritdoc />
    public void SyncNames()
    {
    }

    private void CountRead()
    {
        if (++Reads > MaximumReads)
            throw new EndlessReadException($"More than {MaximumReads} reads of {Length} bytes.");
    }

    private sealed class MemoryFile(MemoryStorage folder, byte[] content) : ILogFile
    {
        private byte[] _bytes = content;
        private int _length = content.Length;

        public long Length => Volatile.Read(ref _length);

        public int Read(long offset, Span<byte> destination)
        {
            folder.CountRead();
            if (offset < 0)
                throw new IOException("Before the start of the file.");
            if (offset >= _length)
                return 0;
            int count = (int)Math.Min(destination.Length, _length - offset);
            _bytes.AsSpan((int)offset, count).CopyTo(destination);
            return count;
        }

        public int Write(ReadOnlySpan<byte> data)
        {
            lock (this)
            {
                if (_bytes.Length < _length + data.Length)
                    Array.Resize(ref _bytes, Math.Max(_length + data.Length, 2 * _length));
                data.CopyTo(_bytes.AsSpan(_length));
                Volatile.Write(ref _length, _length + data.Length);
                return data.Length;
            }
        }

        public byte[] Copy()
        {
            lock (this)
                return _bytes[.._length];
        }

        public void Sync()
        {
        }

        public void Dispose()
        {
        }
    }
}

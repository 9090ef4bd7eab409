namespace Determinism.Log;

/// <summary>A folder of the file system.</summary>
public sealed class FolderStorage : ILogStorage, ILogFileRemoval
{
    private readonly string _path;

    private FolderStorage(string path) => _path = path;

    /// <summary>Makes a new folder, or takes an empty one.</summary>
    /// <param name="path">Where.</param>
    /// <exception cref="IOException">There is a file of the name, a folder with something in it, or none can be made.</exception>
    public static FolderStorage CreateNew(string path) => CreateNew(path, FolderSync.Sync);

    internal static FolderStorage CreateNew(string path, Action<string> sync) => Try(() =>
    {
        string full = Path.GetFullPath(Guard.NotNull(path));
        if (File.Exists(full) || (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any()))
            throw new IOException($"There is something at {full} already.");
        // The name of every folder that is made stands in the one above it.
        var above = new List<string>();
        for (DirectoryInfo? one = new(full); one?.Parent is not null && (above.Count == 0 || !one.Exists); one = one.Parent)
            above.Add(one.Parent.FullName);
        Directory.CreateDirectory(full);
        above.ForEach(sync);
        return new FolderStorage(full);
    });

    /// <summary>Takes a folder that is there.</summary>
    /// <param name="path">Where.</param>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static FolderStorage OpenExisting(string path)
    {
        string full = Path.GetFullPath(Guard.NotNull(path));
        return Directory.Exists(full)
            ? new FolderStorage(full)
            : throw new DirectoryNotFoundException($"There is no folder {full}.");
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List() =>
        Try(() => Directory.EnumerateFiles(_path).Select(path => Path.GetFileName(path)!).ToArray());

    /// <inheritdoc />
    public ILogFile Create(string name) => Try(() =>
        new DiskFile(new FileStream(Locate(name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1)));

    /// <inheritdoc />
    public ILogFile Open(string name) => Try(() =>
        new DiskFile(new FileStream(Locate(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 1)));

    /// <inheritdoc />
    public void Rename(string from, string to) => Try(() =>
    {
        FileBytes.Replace(Locate(from), Locate(to));
        return true;
    });

    /// <inheritdoc />
    public void Remove(string name) => Try(() =>
    {
        File.Delete(Locate(name));
        return true;
    });

    /// <inheritdoc />
    public void SyncNames() => FolderSync.Sync(_path);

    private string Locate(string name) => Path.Combine(_path, name);

    // What may not be done is one more way to fail; .NET has an exception for it that is no IOException.
    private static T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    private sealed class DiskFile(FileStream stream) : ILogFile
    {
        public long Length => FileBytes.Length(stream);

        public int Read(long offset, Span<byte> destination) => FileBytes.ReadAt(stream, offset, destination);

        public int Write(ReadOnlySpan<byte> data)
        {
            FileBytes.Write(stream, data);
            return data.Length;
        }

        public void Sync() => stream.Flush(flushToDisk: true);

        public void Dispose() => stream.Dispose();
    }
}

using Determinism.Log.Tests.Support;
using Determinism.Log.Tests.Verification;

namespace Determinism.Log.Tests.Faults;

/// <summary>A log's folder is as durable as what is in it, and what cannot be opened is not kept open.</summary>
public class FolderTests
{
    [Theory]
    [InlineData("log")]
    [InlineData("log/")]
    [InlineData("a/b/log")]
    [InlineData("a/b/log//")]
    public void The_names_of_all_folders_that_were_made_are_made_durable(string path)
    {
        using var folder = new TemporaryFolder();
        var synced = new List<string>();
        FolderStorage.CreateNew(folder.File(path), one =>
        {
            Assert.True(Directory.Exists(one));
            synced.Add(one);
        });
        string[] expected = path.StartsWith('a') ? ["a/b", "a", "."] : ["."];
        Assert.Equal(expected.Select(name => Path.GetFullPath(folder.File(name)).TrimEnd('/')), synced.Select(static name => name.TrimEnd('/')));
    }

    [Fact]
    public void A_log_that_is_refused_is_not_kept_open()
    {
        using var folder = new TemporaryFolder();
        MemoryStorage log = SampleLog.Write();
        Directory.CreateDirectory(folder.File("log"));
        foreach (string name in new[] { Manifest.Name, SegmentWriter.NameOf(0) })
            File.WriteAllBytes(Path.Combine(folder.File("log"), name), log.Files[name]);
        var counting = new CountingStorage(FolderStorage.OpenExisting(folder.File("log")));
        Assert.Throws<LogDamagedException>(() => new FileEventLogReader(counting));
        Assert.Equal(0, counting.Open);
    }

    [Fact]
    public void What_may_not_be_opened_is_a_failure_like_others()
    {
        using var folder = new TemporaryFolder();
        string log = folder.File("log");
        Directory.CreateDirectory(log);
        foreach ((string name, byte[] bytes) in SampleLog.Write().Files)
        {
            if (name != Manifest.Name)
                File.WriteAllBytes(Path.Combine(log, name), bytes);
        }
        Directory.CreateDirectory(Path.Combine(log, Manifest.Name));
        Assert.ThrowsAny<IOException>(() => new FileEventLogReader(log));
    }

    private sealed class CountingStorage(ILogStorage inner) : ILogStorage
    {
        public int Open { get; private set; }

        public IReadOnlyList<string> List() => inner.List();

        public ILogFile Create(string name) => inner.Create(name);

        ILogFile ILogStorage.Open(string name) => new Counted(this, inner.Open(name));

        public void Rename(string from, string to) => inner.Rename(from, to);

        public void SyncNames() => inner.SyncNames();

        private sealed class Counted : ILogFile
        {
            private readonly CountingStorage _storage;
            private readonly ILogFile _file;
            private bool _isClosed;

            public Counted(CountingStorage storage, ILogFile file)
            {
                (_storage, _file) = (storage, file);
                storage.Open++;
            }

            public long Length => _file.Length;

            public int Read(long offset, Span<byte> destination) => _file.Read(offset, destination);

            public int Write(ReadOnlySpan<byte> data) => _file.Write(data);

            public void Sync() => _file.Sync();

            public void Dispose()
            {
                _storage.Open -= _isClosed ? 0 : 1;
                _isClosed = true;
                _file.Dispose();
            }
        }
    }
}

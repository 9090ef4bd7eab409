namespace Determinism.Log.Tests.Disk;

/// <summary>A disk's past as a reader beside the writer saw it, byte by byte.</summary>
internal sealed class DiskView(SimulatedDisk disk) : ILogStorage
{
    private readonly Dictionary<string, DiskFile> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<DiskFile, int> _lengths = [];
    private int _step;
    private int _bytes;

    /// <summary>What happens before each look at the disk; nothing by default.</summary>
    public Action BeforeLook { get; set; } = static () => { };

    /// <summary>Goes on by one operation, or by one byte of a write.</summary>
    public bool MoveNext()
    {
        if (_step == disk.Steps.Count)
            return false;
        DiskStep step = disk.Steps[_step];
        if (step.Kind == DiskStepKind.Write)
        {
            _lengths[step.File!]++;
            if (++_bytes < step.Length)
                return true;
        }
        else if (step.Kind == DiskStepKind.Create)
        {
            _lengths[step.File!] = 0;
        }
        step.ApplyTo(_names);
        _bytes = 0;
        _step++;
        return true;
    }

    public IReadOnlyList<string> List()
    {
        BeforeLook();
        return [.. _names.Keys];
    }

    public ILogFile Open(string name)
    {
        BeforeLook();
        return _names.TryGetValue(name, out DiskFile? file) ? new Seen(this, file) : throw new FileNotFoundException(name);
    }

    public ILogFile Create(string name) => throw new NotSupportedException();

    public void Rename(string from, string to) => throw new NotSupportedException();

    public void SyncNames() => throw new NotSupportedException();

    private sealed class Seen(DiskView view, DiskFile file) : ILogFile
    {
        public long Length
        {
            get
            {
                view.BeforeLook();
                return view._lengths[file];
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            view.BeforeLook();
            return file.Read(offset, destination, view._lengths[file]);
        }

        public int Write(ReadOnlySpan<byte> data) => throw new NotSupportedException();

        public void Sync() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}

namespace Determinism.Log.Tests.Disk;

/// <summary>A disk in memory that takes down every operation, so that what a loss of power could have left can be built for
/// any moment of its past (<see cref="PowerLoss"/>), and what a reader beside the writer saw (<see cref="DiskView"/>).</summary>
internal sealed class SimulatedDisk : ILogStorage, ILogFileRemoval
{
    private readonly object _gate = new();
    private readonly List<DiskStep> _steps = [];
    private readonly Dictionary<string, DiskFile> _names = new(StringComparer.Ordinal);

    /// <summary>Number of operations so far: a moment.</summary>
    public int Now
    {
        get
        {
            lock (_gate)
                return _steps.Count;
        }
    }

    /// <summary>Number of operations of a kind so far.</summary>
    public int CountOf(DiskStepKind kind)
    {
        lock (_gate)
            return _steps.Count(step => step.Kind == kind);
    }

    /// <summary>The operations, once there are no more.</summary>
    public IReadOnlyList<DiskStep> Steps => _steps;

    public IReadOnlyList<string> List()
    {
        lock (_gate)
            return [.. _names.Keys];
    }

    public ILogFile Create(string name)
    {
        lock (_gate)
        {
            var file = new DiskFile(name);
            if (_names.ContainsKey(name))
                throw new IOException($"{name} is there already.");
            _names[name] = file;
            _steps.Add(new DiskStep(DiskStepKind.Create, file, name, 0));
            return new Handle(this, file);
        }
    }

    public ILogFile Open(string name)
    {
        lock (_gate)
            return _names.TryGetValue(name, out DiskFile? file)
                ? new Handle(this, file)
                : throw new FileNotFoundException(name);
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            _names.Remove(from, out DiskFile? file);
            _names[to] = file!;
            _steps.Add(new DiskStep(DiskStepKind.Rename, file, to, 0) { OldName = from });
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            if (_names.Remove(name, out DiskFile? file))
                _steps.Add(new DiskStep(DiskStepKind.Remove, file, "", 0) { OldName = name });
        }
    }

    public void SyncNames()
    {
        lock (_gate)
            _steps.Add(new DiskStep(DiskStepKind.SyncNames, null, "", 0));
    }

    private sealed class Handle(SimulatedDisk disk, DiskFile file) : ILogFile
    {
        public long Length
        {
            get
            {
                lock (disk._gate)
                    return file.Length;
            }
        }

        public int Read(long offset, Span<byte> destination)
        {
            lock (disk._gate)
                return file.Read(offset, destination, file.Length);
        }

        public int Write(ReadOnlySpan<byte> data)
        {
            lock (disk._gate)
            {
                file.Append(data);
                disk._steps.Add(new DiskStep(DiskStepKind.Write, file, "", data.Length));
                return data.Length;
            }
        }

        public void Sync()
        {
            lock (disk._gate)
                disk._steps.Add(new DiskStep(DiskStepKind.Sync, file, "", 0));
        }

        public void Dispose()
        {
        }
    }
}

using Determinism.Log.Tests.Disk;

namespace Determinism.Log.Tests.Faults;

/// <summary>Writes nothing while it is held.</summary>
internal sealed class HeldStorage(ILogStorage inner) : StorageFilter(inner), IDisposable
{
    private readonly ManualResetEventSlim _go = new(initialState: true);

    /// <summary>Whether the writes that were held fail when they are let go.</summary>
    public bool Fails { get; set; }

    public void Hold() => _go.Reset();

    public void LetGo() => _go.Set();

    public void Dispose() => _go.Dispose();

    protected override int Write(ILogFile file, ReadOnlySpan<byte> data)
    {
        _go.Wait();
        return Fails ? throw new IOException("Input/output error.") : file.Write(data);
    }
}

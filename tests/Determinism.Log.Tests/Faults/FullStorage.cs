using Determinism.Log.Tests.Disk;

namespace Determinism.Log.Tests.Faults;

/// <summary>Has room for so many bytes.</summary>
internal sealed class FullStorage(ILogStorage inner, int capacity) : StorageFilter(inner)
{
    private int _left = capacity;

    public bool IsFull { get; private set; }

    protected override int Write(ILogFile file, ReadOnlySpan<byte> data)
    {
        IsFull |= _left == 0;
        if (_left == 0)
            throw new IOException("No space left on device.");
        int taken = file.Write(data[..Math.Min(data.Length, _left)]);
        _left -= taken;
        return taken;
    }
}

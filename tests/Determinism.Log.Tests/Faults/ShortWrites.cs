using Determinism.Log.Tests.Disk;

namespace Determinism.Log.Tests.Faults;

/// <summary>Takes fewer bytes than it is given.</summary>
internal sealed class ShortWrites(ILogStorage inner, Random random) : StorageFilter(inner)
{
    protected override int Write(ILogFile file, ReadOnlySpan<byte> data) =>
        file.Write(data[..random.Next(1, Math.Min(data.Length, 100) + 1)]);
}

namespace Determinism.Tool.Reading;

/// <summary>How much of a log's folder has been read.</summary>
internal sealed class ByteProgress(TextWriter errors, string what, string path) : IProgress<long>, IDisposable
{
    private readonly Progress _progress = new(errors, what, new DirectoryInfo(path).EnumerateFiles("*.detlog").Sum(file => file.Length));
    private long _last;

    public void Report(long value)
    {
        _progress.Add(value - _last);
        _last = value;
    }

    public void Dispose() => _progress.Dispose();
}

namespace Determinism.Tool.Statistics;

/// <summary>How many there are of something, and their bytes in the streams.</summary>
internal sealed class KindFigures
{
    public long Count { get; private set; }

    public long Bytes { get; private set; }

    public double AverageBytes => Count == 0 ? 0 : (double)Bytes / Count;

    public void Add(long bytes)
    {
        Count++;
        Bytes += bytes;
    }
}

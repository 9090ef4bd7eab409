namespace Determinism.Tool.Statistics;

/// <summary>What happened to one frame.</summary>
internal sealed class FrameFigures(ulong frame)
{
    public ulong Frame => frame;

    public long Elevations { get; set; }

    public long Reductions { get; set; }

    public long Changes => Elevations + Reductions;
}

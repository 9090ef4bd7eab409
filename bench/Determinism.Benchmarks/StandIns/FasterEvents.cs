using FASTER.core;

namespace Determinism.Benchmarks.StandIns;

/// <summary>FasterLog over a device that drops what it is given: its memory alone.</summary>
internal static class FasterEvents
{
    public static FasterLog Open(string folder) =>
        new(new FasterLogSettings { LogDevice = new NullDevice(), LogCommitDir = folder });
}

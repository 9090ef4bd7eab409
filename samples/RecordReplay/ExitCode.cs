namespace Determinism.RecordReplay;

/// <summary>How the programs of this project end; docs/exit-codes.md.</summary>
internal enum ExitCode
{
    Identical = 0,
    Divergence = 1,
    Inconclusive = 2,
    Unsupported = 3,
    Failed = 4,
    Damaged = 5,
    Usage = 64,
}

namespace Determinism.Log.Tests.Support;

/// <summary>The ways in which tests write a log.</summary>
internal static class Shapes
{
    public static IReadOnlyDictionary<string, LogWriteOptions> All { get; } = new Dictionary<string, LogWriteOptions>
    {
        ["plain"] = new(),
        ["small segments"] = new() { SegmentBytes = 4 << 10 },
        ["compressed"] = new() { Compression = BlockCodec.Lz4, SegmentBytes = 16 << 10 },
        ["encrypted"] = new() { Keys = new LogKeys(encryption: Secrets.Encryption), Identity = Secrets.Identity },
        ["chained"] = new() { Keys = new LogKeys(chain: Secrets.Chain), Identity = Secrets.Identity, SegmentBytes = 8 << 10 },
        ["all"] = new()
        {
            Compression = BlockCodec.Lz4, Keys = Secrets.Keys, Identity = Secrets.Identity, SegmentBytes = 8 << 10,
        },
    };
}

using System.Security.Cryptography;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Crashes;

/// <summary>Law L9 over synthetic recordings: every sync boundary, and random moments. The quick tier recovers 1,500 random
/// moments of each kind of log, the full tier 10,000 of each of four seeds.</summary>
public class SyntheticCrashTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("plain")]
    [InlineData("each block")]
    [InlineData("compressed")]
    [InlineData("secret")]
    public void Whatever_a_loss_of_power_leaves_is_recovered_with_all_that_was_acknowledged(string kind)
    {
        for (int seed = 1; seed <= TestTier.Times(1, 4); seed++)
        {
            Recorded recorded = Recorded.MakeSynthetic(seed, streams: 4, events: 800, Options(kind));
            var recovery = new Recovery(recorded);
            var random = new Random(seed);
            foreach (int moment in recorded.SyncBoundaries)
                Assert.Null(recovery.FindFault(moment, states: 2, random));
            for (int cut = 0; cut < TestTier.Times(1_500, 10_000); cut++)
                Assert.Null(recovery.FindFault(random.Next(recorded.Disk.Steps.Count + 1), states: 1, random));
            output.WriteLine($"{kind}, seed {seed}: {recovery}");
            Assert.True(recovery is { WithoutLog: > 0, Torn: > 0, Cut: > 0, Complete: > 0 }, recovery.ToString());
        }
    }

    private static LogWriteOptions Options(string kind)
    {
        var small = new LogWriteOptions { SegmentBytes = 16 << 10 };
        return kind switch
        {
            "each block" => small with { Commit = CommitPolicy.EachBlock, SegmentBytes = 4 << 10 },
            "compressed" => small with { Compression = BlockCodec.Lz4, SegmentBytes = 64 << 10 },
            "secret" => small with
            {
                Keys = new LogKeys(SHA256.HashData([1]), SHA256.HashData([2])), Identity = new Guid(1, 2, 3, new byte[8]),
            },
            _ => small,
        };
    }
}

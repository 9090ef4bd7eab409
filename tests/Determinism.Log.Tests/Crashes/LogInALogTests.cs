using Determinism.Log.Tests.SecondReader;
using Determinism.Log.Tests.Verification;

namespace Determinism.Log.Tests.Crashes;

/// <summary>A block's content may be a log itself, or a guest's imitation of one: what is torn in the middle of it is a torn
/// tail all the same.</summary>
public class LogInALogTests
{
    private const string Name = "000000.detlog";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_torn_block_that_holds_a_log_is_a_torn_tail(bool isChained)
    {
        byte[] inner = SampleLog.Write(segmentBytes: 1 << 20).Files[Name];
        LogKeys? keys = isChained ? SampleLog.ChainKeys : null;
        MemoryStorage outer = Write(inner, keys, out int before);
        byte[] whole = outer.Files[Name];
        for (int length = before + BlockHeader.Size; length < whole.Length; length += 101)
        {
            outer.Files[Name] = whole[..length];
            AssertTorn(outer, before, keys);
        }
        // The power may have taken pages in the middle, and left those after them.
        outer.Files[Name] = [.. whole];
        outer.Files[Name].AsSpan(before + BlockHeader.Size, 64).Clear();
        AssertTorn(outer, before, keys);
    }

    [Fact]
    public void A_torn_header_before_an_imitated_block_from_far_ahead_is_a_torn_tail()
    {
        var imitation = new BlockHeader { Kind = BlockKind.Configuration, Sequence = long.MaxValue, DurableBefore = long.MaxValue };
        var bytes = new byte[BlockHeader.Size];
        imitation.WriteTo(bytes);
        imitation.Seal(bytes);
        MemoryStorage outer = Write(bytes, null, out int before);
        outer.Files[Name].AsSpan(before, BlockHeader.Size).Clear();
        AssertTorn(outer, before, null);
    }

    [Fact]
    public void What_is_missing_before_a_later_block_that_knows_it_durable_is_damage_still()
    {
        MemoryStorage log = SampleLog.Write(complete: false, segmentBytes: 1 << 20);
        var surgery = new Surgery(log);
        int before = SegmentStart.Size + surgery.Blocks.Take(3).Sum(part => part.Bytes.Length);
        foreach (int at in new[] { before, before + BlockHeader.Size })
        {
            MemoryStorage damaged = log.Copy();
            damaged.Files[Name][at] ^= 1;
            Assert.Throws<LogDamagedException>(() => new FileEventLogReader(damaged));
            Assert.False(LogVerifier.Verify(damaged).IsIntact);
            Assert.Throws<NotALogException>(() => new SecondLog(damaged.Files));
        }
    }

    private static MemoryStorage Write(byte[] image, LogKeys? keys, out int before)
    {
        var storage = new MemoryStorage();
        using var log = new FileEventLog(storage, SampleLog.Streams, new LogWriteOptions { Keys = keys, Identity = SampleLog.Identity });
        log.AppendBlock(BlockKind.Header, SampleLog.Header.ToBytes());
        before = storage.Files[Name].Length;
        log.AppendBlock(BlockKind.DiskImage, image);
        return storage;
    }

    private static void AssertTorn(MemoryStorage log, int before, LogKeys? keys)
    {
        using var reader = new FileEventLogReader(log);
        Assert.Equal(before, reader.Tail.Offset);
        Assert.False(reader.Refresh());
        LogVerification found = LogVerifier.Verify(log, new LogReadOptions { Keys = keys });
        Assert.True(found.IsIntact, string.Join('\n', found.Problems));
        Assert.Equal(before, found.Tail!.Offset);
        Assert.True(new SecondLog(log.Files).Torn);
    }
}

namespace Determinism.Log.Tests.Verification;

/// <summary>The reader, the check and the page agree on how a log ends.</summary>
public class TailTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(63)]
    [InlineData(64)]
    public void A_last_segment_without_a_right_start_is_a_torn_tail(int length)
    {
        (MemoryStorage log, int last) = ClosedSegments();
        log.Files[SegmentWriter.NameOf(last + 1)] = new byte[length];
        AssertSame(log);
    }

    [Fact]
    public void A_log_may_break_off_between_two_segments() => AssertSame(ClosedSegments().Log);

    [Fact]
    public void A_segment_without_a_start_after_a_complete_log_is_damage()
    {
        MemoryStorage log = SampleLog.Write();
        log.Files[SegmentWriter.NameOf(log.Files.Count - 1)] = [];
        AssertDamaged(log);
    }

    [Fact]
    public void Something_after_the_end_of_a_closed_segment_is_damage()
    {
        (MemoryStorage log, int last) = ClosedSegments();
        log.Files[SegmentWriter.NameOf(last)] = [.. log.Files[SegmentWriter.NameOf(last)], 0];
        AssertDamaged(log);
    }

    [Fact]
    public void Blocks_after_the_last_whole_one_are_none()
    {
        MemoryStorage log = SampleLog.Write(complete: false, segmentBytes: 1 << 20);
        string name = SegmentWriter.NameOf(0);
        Surgery.Part last = new Surgery(log).Blocks[^1];
        log.Files[name][^(last.Bytes.Length - BlockHeader.Size)] ^= 1;
        using var reader = new FileEventLogReader(log);
        Assert.Equal(log.Files[name].Length - last.Bytes.Length, reader.Tail.Offset);
        Assert.Equal(reader.Tail.Offset, reader.ReadBlocks().Max(static block => block.Offset + BlockHeader.Size + ((block.StoredBytes + 7L) & ~7L)));
    }

    // Without those after the last one that is closed.
    private static (MemoryStorage Log, int Last) ClosedSegments()
    {
        MemoryStorage log = SampleLog.Write(complete: false);
        int last = log.Files.Count - 2;
        log.Files.Remove(SegmentWriter.NameOf(last));
        return (log, last - 1);
    }

    private static void AssertSame(MemoryStorage log)
    {
        using var reader = new FileEventLogReader(log);
        LogVerification found = LogVerifier.Verify(log);
        Assert.True(found.IsIntact, string.Join('\n', found.Problems));
        Assert.False(found.IsComplete || reader.IsComplete);
        Assert.Equal(reader.Tail, found.Tail);
        var target = new MemoryStorage();
        Assert.False(LogRepair.Repair(log, target).IsWhole);
        Assert.True(LogVerifier.Verify(target).IsIntact);
    }

    private static void AssertDamaged(MemoryStorage log)
    {
        Assert.Throws<LogDamagedException>(() => new FileEventLogReader(log));
        LogVerification found = LogVerifier.Verify(log);
        Assert.False(found.IsIntact);
        Assert.Null(found.Tail);
    }
}

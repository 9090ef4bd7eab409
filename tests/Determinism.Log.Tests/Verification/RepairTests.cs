namespace Determinism.Log.Tests.Verification;

/// <summary>What is kept of a log, and what is not.</summary>
public class RepairTests
{
    [Fact]
    public void A_log_with_a_segment_gone_keeps_what_comes_before_it()
    {
        MemoryStorage log = SampleLog.Write();
        ulong[] before = EventsBefore(log, 1);
        log.Files.Remove("000001.detlog");
        AssertKeeps(log, before);
    }

    [Fact]
    public void A_segment_of_another_log_is_dropped_with_all_after_it()
    {
        MemoryStorage log = SampleLog.Write();
        ulong[] before = EventsBefore(log, 1);
        log.Files["000001.detlog"] = SampleLog.Write(identity: new Guid(1, 2, 3, new byte[8])).Files["000001.detlog"];
        AssertKeeps(log, before);
    }

    [Fact]
    public void A_segment_whose_end_alone_is_damaged_costs_nothing()
    {
        MemoryStorage log = SampleLog.Write();
        log.Files["000000.detlog"][^3] ^= 1;
        Assert.False(LogVerifierTests.Verify(log).IsIntact);
        Assert.True(AssertKeeps(log, EventsBefore(SampleLog.Write(), int.MaxValue)).IsWhole);
    }

    [Fact]
    public void A_wrong_manifest_costs_nothing()
    {
        MemoryStorage log = SampleLog.Write();
        log.Files[Manifest.Name][60] ^= 1;
        Assert.True(AssertKeeps(log, EventsBefore(SampleLog.Write(), int.MaxValue)).IsWhole);
    }

    [Fact]
    public void Events_that_wait_for_each_other_are_cut_off()
    {
        LogRepairResult result = AssertKeeps(SampleLog.Write(extra: (stream, number) => (stream, number) switch
        {
            (0, 10) => [new(1, 12)],
            (1, 12) => [new(0, 10)],
            _ => [],
        }), [9, 11, 144]);
        Assert.Equal([135UL, 133UL, 0UL], result.Streams.Select(cut => cut.DroppedEvents));
    }

    [Fact]
    public void What_comes_after_a_block_without_events_is_kept()
    {
        var surgery = new Surgery(SampleLog.Write());
        int at = surgery.Blocks.FindLastIndex(static part => part.IsEvents(0));
        Surgery.Part next = surgery.Blocks[at];
        byte[] bytes = new byte[(BlockHeader.Size + next.Header.StateLength + 7) & ~7];
        next.Content[..next.Header.StateLength].CopyTo(bytes.AsSpan(BlockHeader.Size));
        surgery.Blocks.Insert(at, new Surgery.Part(next.Segment, next.Header with
        {
            PlainLength = next.Header.StateLength, StoredLength = next.Header.StateLength, EventCount = 0,
            Extent = next.Header.Extent with
            {
                FirstCount = next.Header.Extent.FirstCount - 10, LastCount = next.Header.Extent.FirstCount - 10,
            },
        }, bytes));
        MemoryStorage log = surgery.PutTogether();
        LogVerification found = LogVerifierTests.Verify(log);
        Assert.True(found.IsIntact, string.Join('\n', found.Problems));
        Assert.True(AssertKeeps(log, EventsBefore(SampleLog.Write(), int.MaxValue)).IsWhole);
    }

    [Fact]
    public void Bytes_that_are_not_events_are_kept_as_they_are()
    {
        var source = new MemoryStorage();
        using (var log = new FileEventLog(source, 1, new LogWriteOptions()))
        {
            log.Append(0, [0, 1, 2, 3]);
            log.Complete();
        }
        var target = new MemoryStorage();
        LogRepairResult result = LogRepair.Repair(source, target);
        Assert.Equal(4, result.Streams[0].Bytes);
        using var reader = new FileEventLogReader(target);
        Assert.Equal([0, 1, 2, 3], reader.ReadEvents(0, 0).ToArray());
    }

    [Fact]
    public void Of_a_log_that_breaks_off_as_much_is_kept_as_is_closed_under_the_constraints()
    {
        MemoryStorage whole = SampleLog.Write(complete: false, segmentBytes: 1 << 20);
        int length = whole.Files["000000.detlog"].Length;
        for (int kept = length; kept > 300; kept -= 217)
        {
            MemoryStorage log = whole.Copy();
            log.Files["000000.detlog"] = log.Files["000000.detlog"][..kept];
            using var reader = new FileEventLogReader(log);
            AssertKeeps(log, [.. ClosedLog.Of(reader).Cuts.Select(cut => cut.Events)]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_changed_neither_a_check_nor_a_repair_fails_and_what_is_kept_is_intact(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 300; round++)
        {
            MemoryStorage log = Change(random);
            LogVerification found = LogVerifierTests.Verify(log);
            var target = new MemoryStorage();
            try
            {
                LogRepair.Repair(log, target);
            }
            catch (LogDamagedException) when (found.TrustedBefore == 0)
            {
                continue;
            }
            LogVerification kept = LogVerifierTests.Verify(target);
            Assert.True(kept.IsIntact && kept.IsComplete, $"seed {seed}, round {round}: {string.Join('\n', kept.Problems)}");
        }
    }

    // Blocks are changed, dropped, moved and doubled, with checksums and indexes right, and then some bytes besides.
    private static MemoryStorage Change(Random random)
    {
        var surgery = new Surgery(SampleLog.Write());
        for (int change = random.Next(3); change >= 0; change--)
        {
            int at = random.Next(surgery.Blocks.Count);
            Surgery.Part part = surgery.Blocks[at];
            switch (random.Next(5))
            {
                case 0: surgery.Blocks.RemoveAt(at); break;
                case 1: (surgery.Blocks[at], surgery.Blocks[0]) = (surgery.Blocks[0], surgery.Blocks[at]); break;
                case 2: part.Content[random.Next(part.Content.Length)] ^= (byte)(1 << random.Next(8)); break;
                case 3: part.Header = part.Header with { EventCount = random.Next(9), DurableBefore = random.Next(50) }; break;
                default: part.Segment = random.Next(2); break;
            }
        }
        MemoryStorage log = surgery.PutTogether(fixTrailer: random.Next(2) == 0);
        if (random.Next(2) == 0)
        {
            string name = log.Files.Keys.ElementAt(random.Next(log.Files.Count));
            byte[] file = log.Files[name];
            int at = random.Next(file.Length);
            if (random.Next(2) == 0)
                log.Files[name] = file[..at];
            else
                random.NextBytes(file.AsSpan(at, Math.Min(random.Next(1, 100), file.Length - at)));
        }
        return log;
    }

    private static ulong[] EventsBefore(MemoryStorage log, int segment)
    {
        using var reader = new FileEventLogReader(log);
        var events = new ulong[reader.StreamCount];
        foreach (LogBlockInfo block in reader.ReadBlocks().Where(block => block.Stream >= 0 && block.Segment < segment))
            events[block.Stream] += (ulong)block.EventCount;
        return events;
    }

    private static LogRepairResult AssertKeeps(MemoryStorage log, ulong[] expected)
    {
        var target = new MemoryStorage();
        LogRepairResult result = LogRepair.Repair(log, target);
        Assert.Equal(expected, result.Streams.Select(cut => cut.Events));
        LogVerification kept = LogVerifierTests.Verify(target);
        LogVerifierTests.AssertIntact(kept);
        Assert.True(kept.IsComplete && kept.IsOrderChecked);
        Assert.Equal(expected.Aggregate(0UL, (sum, one) => sum + one), kept.Events);
        return result;
    }
}

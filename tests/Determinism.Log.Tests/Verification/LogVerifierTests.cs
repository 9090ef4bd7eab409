namespace Determinism.Log.Tests.Verification;

/// <summary>What is whole is found so, and every kind of damage is found and named.</summary>
public class LogVerifierTests
{
    public static TheoryData<bool, BlockCodec> Kinds => new()
    {
        { false, BlockCodec.None }, { false, BlockCodec.Lz4 }, { true, BlockCodec.None }, { true, BlockCodec.Lz4 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_whole_log_is_intact(bool isSecret, BlockCodec codec)
    {
        LogKeys? keys = isSecret ? SampleLog.AllKeys : null;
        LogVerification found = Verify(SampleLog.Write(keys, codec: codec), keys);
        AssertIntact(found);
        Assert.True(found.IsComplete && found.AreContentsChecked && found.IsOrderChecked);
        Assert.Equal(isSecret, found.IsChainChecked);
        Assert.Equal(432UL, found.Events);
        Assert.Equal(69, found.Constraints);
        Assert.Null(found.Tail);
    }

    [Fact]
    public void A_log_put_together_again_is_intact() => AssertIntact(Verify(new Surgery(SampleLog.Write()).PutTogether()));

    [Fact]
    public void A_log_without_its_manifest_is_intact()
    {
        MemoryStorage log = SampleLog.Write();
        log.Files.Remove(Manifest.Name);
        LogVerification found = Verify(log);
        AssertIntact(found);
        Assert.True(found.IsComplete);
    }

    [Fact]
    public void A_log_that_breaks_off_is_intact_and_not_complete()
    {
        MemoryStorage log = SampleLog.Write(complete: false);
        string last = log.Files.Keys.Where(name => name != Manifest.Name).Max()!;
        log.Files[last] = log.Files[last][..^5];
        LogVerification found = Verify(log);
        AssertIntact(found);
        Assert.False(found.IsComplete);
        Assert.True(found.Tail!.IgnoredBytes > 0);
        Assert.True(found.IsOrderChecked);
    }

    [Fact]
    public void Without_the_key_checksums_and_order_of_blocks_are_checked_still()
    {
        MemoryStorage log = SampleLog.Write(SampleLog.AllKeys);
        LogVerification found = Verify(log);
        AssertIntact(found);
        Assert.False(found.AreContentsChecked || found.IsChainChecked || found.IsOrderChecked);
        log.Files["000001.detlog"][500] ^= 1;
        Assert.False(Verify(log).IsIntact);
    }

    [Fact]
    public void Every_bit_that_is_flipped_is_found()
    {
        MemoryStorage log = SampleLog.Write(SampleLog.ChainKeys);
        foreach (string name in log.Files.Keys)
        {
            for (int at = 0; at < log.Files[name].Length; at += 3)
            {
                log.Files[name][at] ^= (byte)(1 << (at % 8));
                LogVerification found = Verify(log, SampleLog.ChainKeys);
                Assert.False(found.IsIntact, $"{name} at {at}");
                log.Files[name][at] ^= (byte)(1 << (at % 8));
            }
        }
    }

    [Fact]
    public void Damage_is_named_by_its_place()
    {
        MemoryStorage log = SampleLog.Write();
        Surgery.Part part = new Surgery(log).Blocks.First(one => one.Segment == 1 && one.IsEvents(2));
        byte[] file = log.Files["000001.detlog"];
        int at = file.AsSpan().IndexOf(part.Bytes);
        file[at + BlockHeader.Size + 3] ^= 4;
        LogProblem problem = Assert.Single(Verify(log).Problems);
        Assert.Equal((1, (long)at, part.Header.Sequence, 2), (problem.Segment, problem.Offset, problem.Sequence, problem.Stream));
        Assert.Equal($"segment 1, offset {at}, block {part.Header.Sequence}, stream 2: The block's content is damaged.", problem.ToString());

        file[at + 3] ^= 4;
        Assert.Contains(Verify(log).Problems, one => one.Offset == at && one.Message == "A block's header is damaged.");
    }

    [Fact]
    public void A_block_cut_out_of_the_file_is_missed()
    {
        MemoryStorage log = SampleLog.Write();
        byte[] file = log.Files["000001.detlog"];
        Surgery.Part part = new Surgery(log).Blocks.First(one => one.Segment == 1 && one.IsEvents(2));
        int at = file.AsSpan().IndexOf(part.Bytes);
        log.Files["000001.detlog"] = [.. file[..at], .. file[(at + part.Bytes.Length)..]];
        LogProblem first = Verify(log).Problems[0];
        Assert.Equal(part.Header.Sequence, first.Sequence);
        Assert.StartsWith($"Blocks {first.Sequence} to {first.Sequence} are missing", first.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_of_a_stream_in_another_order_are_found_though_all_checksums_are_right()
    {
        var surgery = new Surgery(SampleLog.Write());
        int one = surgery.IndexOf(part => part.IsEvents(1));
        int other = surgery.Blocks.FindIndex(one + 1, part => part.IsEvents(1));
        (surgery.Blocks[one], surgery.Blocks[other]) = (surgery.Blocks[other], surgery.Blocks[one]);
        Assert.Contains(Verify(surgery.PutTogether()).Problems,
            problem => problem.Message.StartsWith("The block does not go on", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("FirstCount", "The block's first event is at another point")]
    [InlineData("LastCount", "The block's last event is at another point")]
    [InlineData("EventCount", "events; its header says")]
    [InlineData("Durable", "that cannot have been")]
    [InlineData("State", "is not what the blocks before it come to")]
    [InlineData("StateLength", "The state that the block begins with cannot be read")]
    [InlineData("Event", "These bytes are not an event")]
    [InlineData("Clear", "is encrypted, in a log in the clear")]
    [InlineData("Stream", "names a stream that is not there")]
    [InlineData("Trailer", "The trailer has 143 events")]
    [InlineData("NotOfEvents", "is not of events, and says that it has some")]
    [InlineData("Shape", "another number of agents")]
    [InlineData("AfterTrailer", "comes after the log's last one")]
    public void What_a_block_says_of_itself_is_checked(string what, string message)
    {
        var surgery = new Surgery(SampleLog.Write());
        Surgery.Part part = surgery.Blocks[surgery.Blocks.FindIndex(12, one => one.IsEvents(1))];
        BlockHeader header = part.Header;
        switch (what)
        {
            case "FirstCount": header.Extent.FirstCount++; break;
            case "LastCount": header.Extent.LastCount--; break;
            case "EventCount": header.EventCount--; break;
            case "Durable": header.DurableBefore = 0; break;
            case "State": part.Content[1] ^= 1; break;
            case "StateLength": header.StateLength--; break;
            case "Event": part.Content[header.StateLength] = 0; break;
            case "Clear": header.Flags = BlockFlags.Encrypted; break;
            case "Stream": header.Stream = 3; break;
            case "Trailer": surgery.Blocks[^1].Content[0]--; break;
            case "NotOfEvents": surgery.Blocks[1].Header = surgery.Blocks[1].Header with { EventCount = 4 }; break;
            case "Shape": surgery.Blocks[0].Content[4]++; break;
            case "AfterTrailer": (surgery.Blocks[^1], surgery.Blocks[^2]) = (surgery.Blocks[^2], surgery.Blocks[^1]); break;
        }
        part.Header = header;
        LogVerification found = Verify(surgery.PutTogether(fixTrailer: false));
        Assert.Contains(found.Problems, problem => problem.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_segment_that_is_gone_is_missed()
    {
        MemoryStorage log = SampleLog.Write();
        int last = log.Files.Count - 2;
        MemoryStorage withoutOne = log.Copy();
        withoutOne.Files.Remove("000001.detlog");
        Assert.Equal("segment 1: The segment is missing: there are later ones.", Verify(withoutOne).Problems[0].ToString());
        log.Files.Remove(SegmentWriter.NameOf(last));
        Assert.Contains(Verify(log).Problems, problem => problem.Message.StartsWith("The manifest says that the log is complete", StringComparison.Ordinal));
        Assert.False(Verify(new MemoryStorage()).IsIntact);
    }

    [Fact]
    public void A_segment_of_another_log_is_found()
    {
        MemoryStorage log = SampleLog.Write();
        log.Files["000001.detlog"] = SampleLog.Write(identity: new Guid(1, 2, 3, new byte[8])).Files["000001.detlog"];
        Assert.Equal("The segment is of another log.", Verify(log).Problems[0].Message);
    }

    [Fact]
    public void A_log_cut_off_after_it_was_complete_is_damaged()
    {
        MemoryStorage log = SampleLog.Write();
        string last = log.Files.Keys.Where(name => name != Manifest.Name).Max()!;
        foreach (int kept in new[] { SegmentStart.Size, log.Files[last].Length - 200, log.Files[last].Length - 1 })
        {
            MemoryStorage cut = log.Copy();
            cut.Files[last] = cut.Files[last][..kept];
            Assert.False(Verify(cut).IsIntact, $"{kept} bytes");
        }
    }

    [Fact]
    public void A_manifest_that_says_otherwise_is_found()
    {
        MemoryStorage log = SampleLog.Write();
        Assert.Contains("damaged", Change(log, bytes => bytes[50] ^= 1, seal: false), StringComparison.Ordinal);
        Assert.Contains("of another log", Change(log, bytes => bytes[16] ^= 1), StringComparison.Ordinal);
        Assert.Contains("another length", Change(log, bytes => bytes[40] ^= 1), StringComparison.Ordinal);
        Assert.Contains("damaged", Change(log, bytes => bytes[48] ^= 1), StringComparison.Ordinal);
        Assert.Contains("stand elsewhere at the start of segment 1", Change(log, bytes => bytes[40 + 24 + 96 + 24] ^= 1), StringComparison.Ordinal);
        Assert.Contains("of an earlier time", Change(log, bytes => bytes[32] = 0), StringComparison.Ordinal);

        static string Change(MemoryStorage log, Action<byte[]> change, bool seal = true)
        {
            MemoryStorage copy = log.Copy();
            byte[] manifest = copy.Files[Manifest.Name];
            change(manifest);
            if (seal)
                BitConverter.TryWriteBytes(manifest.AsSpan(manifest.Length - 4), Crc32C.Compute(manifest.AsSpan(0, manifest.Length - 4)));
            return Assert.Single(Verify(copy).Problems).Message;
        }
    }

    [Fact]
    public void An_index_that_says_otherwise_is_found()
    {
        MemoryStorage log = SampleLog.Write();
        byte[] file = log.Files["000000.detlog"];
        Assert.True(SegmentEnd.TryRead(file.AsSpan(file.Length - SegmentEnd.Size), out SegmentEnd end));
        Span<byte> block = file.AsSpan((int)end.IndexOffset);
        Assert.True(BlockHeader.TryRead(block, out BlockHeader header));
        block[BlockHeader.Size + 40] ^= 1;
        header.ContentChecksum = Crc32C.Compute(block.Slice(BlockHeader.Size, header.StoredLength));
        header.WriteTo(block);
        header.Seal(block);
        LogProblem problem = Assert.Single(Verify(log).Problems);
        Assert.Equal("The index does not say what the blocks before it do.", problem.Message);
        Assert.Equal(header.Sequence, problem.Sequence);
    }

    [Fact]
    public void A_point_that_goes_back_is_found()
    {
        // By a distance of all but a few: sums wrap.
        var storage = new MemoryStorage();
        using (var target = new FileEventLog(storage, 1, new LogWriteOptions()))
        {
            target.Append(0, [(byte)EventKind.End, 50, 0]);
            target.Append(0, [(byte)EventKind.End, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0]);
            target.Complete();
        }
        LogProblem problem = Assert.Single(Verify(storage).Problems);
        Assert.Equal((2UL, "The event is at a point before that of an event before it."), (problem.EventNumber, problem.Message));
    }

    [Fact]
    public void Many_problems_are_counted_and_the_first_ones_described()
    {
        var surgery = new Surgery(SampleLog.Write());
        foreach (Surgery.Part part in surgery.Blocks.Where(part => part.Header.Kind == BlockKind.Events))
        {
            BlockHeader header = part.Header;
            (header.Extent.FirstCount, header.Extent.LastCount, header.EventCount) = (1, 1, 99);
            header.Extent.FirstExit = 7;
            header.DurableBefore = 0;
            part.Header = header;
        }
        LogVerification found = Verify(surgery.PutTogether());
        Assert.Equal(LogVerification.MaximumProblems, found.Problems.Count);
        Assert.True(found.ProblemCount > found.Problems.Count);
    }

    [Fact]
    public void Progress_ends_with_all_bytes()
    {
        MemoryStorage log = SampleLog.Write();
        var seen = new Seen();
        LogVerification found = LogVerifier.Verify(log, null, seen);
        long all = log.Files.Where(file => file.Key != Manifest.Name).Sum(file => (long)file.Value.Length);
        Assert.Equal(all, found.Bytes);
        Assert.Equal(all, seen.Last);
    }

    internal static LogVerification Verify(MemoryStorage log, LogKeys? keys = null) =>
        LogVerifier.Verify(log, new LogReadOptions { Keys = keys });

    internal static void AssertIntact(LogVerification found) => Assert.True(found.IsIntact, string.Join('\n', found.Problems));

    private sealed class Seen : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value)
        {
            Assert.True(value >= Last);
            Last = value;
        }
    }
}

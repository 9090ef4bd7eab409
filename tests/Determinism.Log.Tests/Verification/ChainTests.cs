namespace Determinism.Log.Tests.Verification;

/// <summary>What only the keyed chain sees: somebody changed the log who knows the format, and set all else right.</summary>
public class ChainTests
{
    [Fact]
    public void A_block_that_was_altered_is_named()
    {
        Surgery surgery = Take();
        int at = surgery.IndexOf(part => part.Header.Kind == BlockKind.Configuration);
        surgery.Blocks[at].Content[0] ^= 1;
        AssertFirst(surgery, at, "block 1 (Configuration) was altered");
    }

    [Fact]
    public void A_block_that_was_removed_is_noticed_at_the_one_after_it()
    {
        Surgery surgery = Take();
        int last = surgery.Blocks.FindLastIndex(part => part.IsEvents(2));
        surgery.Blocks.RemoveAt(last);
        AssertFirst(surgery, last, "is not the block that was written here");
    }

    [Fact]
    public void Blocks_in_another_order_are_noticed()
    {
        Surgery surgery = Take();
        int at = surgery.IndexOf(part => part.IsEvents(1));
        (surgery.Blocks[at], surgery.Blocks[at + 1]) = (surgery.Blocks[at + 1], surgery.Blocks[at]);
        Assert.True(surgery.Blocks[at].IsEvents(2));
        AssertFirst(surgery, at, "(events 1 to 6 of stream 2) is not the block that was written here");
    }

    [Fact]
    public void A_block_put_in_from_another_log_of_the_same_secret_is_noticed()
    {
        Surgery surgery = Take();
        var other = new Surgery(SampleLog.Write(SampleLog.ChainKeys, new Guid(9, 9, 9, new byte[8])));
        int at = surgery.IndexOf(part => part.IsEvents(0)) + 9;
        surgery.Blocks[at] = other.Blocks[at];
        AssertFirst(surgery, at, "chain is broken");
    }

    [Fact]
    public void A_log_of_another_secret_is_told_as_that()
    {
        MemoryStorage log = SampleLog.Write(SampleLog.ChainKeys);
        MemoryStorage other = SampleLog.Write(new LogKeys(chain: SampleLog.Secret(99)));
        Assert.Contains("or the secret is another", First(other), StringComparison.Ordinal);
        Assert.True(LogVerifierTests.Verify(log, SampleLog.ChainKeys).IsIntact);
    }

    [Fact]
    public void A_log_without_a_chain_does_not_pass_for_one_with_it() =>
        Assert.Contains("not chained", First(SampleLog.Write()), StringComparison.Ordinal);

    [Fact]
    public void A_block_in_the_clear_does_not_pass_in_a_log_that_is_encrypted()
    {
        var keys = new LogKeys(SampleLog.Secret(3));
        MemoryStorage log = SampleLog.Write(keys);
        byte[] file = log.Files["000000.detlog"];
        Assert.True(BlockHeader.TryRead(file.AsSpan(SegmentStart.Size), out BlockHeader header));
        header.Flags = BlockFlags.None;
        header.WriteTo(file.AsSpan(SegmentStart.Size));
        header.Seal(file.AsSpan(SegmentStart.Size));
        Assert.Contains("in the clear", LogVerifierTests.Verify(log, keys).Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("or the key is another", LogVerifierTests.Verify(SampleLog.Write(keys), new LogKeys(SampleLog.Secret(4))).Problems[0].Message,
            StringComparison.Ordinal);
    }

    private static Surgery Take() => new(SampleLog.Write(SampleLog.ChainKeys, segmentBytes: 1 << 20));

    private static string First(MemoryStorage log) => LogVerifierTests.Verify(log, SampleLog.ChainKeys).Problems[0].Message;

    private static void AssertFirst(Surgery surgery, int sequence, string what)
    {
        MemoryStorage log = surgery.PutTogether();
        LogVerifierTests.AssertIntact(LogVerifierTests.Verify(log));
        LogProblem problem = Assert.Single(LogVerifierTests.Verify(log, SampleLog.ChainKeys).Problems);
        Assert.Contains(what, problem.Message, StringComparison.Ordinal);
        Assert.Equal((0, (long)sequence), (problem.Segment, problem.Sequence));
        Assert.True(problem.Offset >= SegmentStart.Size);
    }
}

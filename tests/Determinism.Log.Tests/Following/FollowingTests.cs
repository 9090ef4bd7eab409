using Determinism.Log.Killed;
using Determinism.Log.Tests.Crashes;
using Determinism.Log.Tests.Disk;
using Determinism.Log.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Following;

/// <summary>Reading a log that is being written: never an error, never half a block, and all of it in the end.</summary>
public class FollowingTests(ITestOutputHelper output)
{
    private const int Streams = 3;
    private const int SmallestSegment = 4 << 10;

    [Theory]
    [InlineData("asked for")]
    [InlineData("each block")]
    [InlineData("every so often")]
    public void A_log_is_followed_while_threads_write_it(string policy)
    {
        const int Seed = 21;
        using var folder = new TemporaryFolder();
        // Real files, but without the disk's pace: nothing here is about durability.
        var storage = new LyingStorage(FolderStorage.CreateNew(folder.File("log")), keepsFiles: false, keptNames: 0);
        using var log = new FileEventLog(storage, Streams, new LogWriteOptions
        {
            SegmentBytes = 4 << 10, Commit = Policy(policy), Time = TimeProvider.System,
        });
        using var follower = new Follower(FolderStorage.OpenExisting(folder.File("log")));
        Exception? failure = null;
        var writer = new Thread(() => failure = Record.Exception(() =>
        {
            new SyntheticRecording(Seed, Streams).AppendAll(log, TestTier.Times(10_000, 60_000), (number, position) =>
            {
                if (number % 50 == 0)
                    log.WaitForCommit(position);
            });
            log.Complete();
        }));
        int looks = 0, opened = 0;
        Exception? thrown = Patience.Catch(() =>
        {
            writer.Start();
            for (; !follower.IsAtEnd && failure is null; looks++)
            {
                follower.GoOn();
                if (looks % 8 != 0)
                    continue;
                using var another = new FileEventLogReader(folder.File("log"));
                Assert.NotNull(ClosedLog.Of(another));
                opened++;
            }
            follower.GoOn();
            writer.Join();
        });
        Assert.Null(thrown);
        Assert.Null(failure);
        using var whole = new FileEventLogReader(folder.File("log"));
        AppendedEvents appended = AppendedEvents.OfSynthetic(Seed, whole);
        Assert.Equal(Streams * TestTier.Times(10_000, 60_000), follower.Events);
        Assert.Equal(follower.Events, appended.Count(follower.Read, out _)!.Sum());
        output.WriteLine($"Seed {Seed}: {looks} looks, {opened} other readers, {whole.SegmentCount} segments.");
        Assert.True(looks > 10 && whole.SegmentCount > 10);
    }

    /// <summary>Each prefix of what is written, in bytes: a reader that follows, and one that opens it.</summary>
    [Theory]
    [InlineData(BlockCodec.None)]
    [InlineData(BlockCodec.Lz4)]
    public void At_every_byte_that_is_written_there_is_a_readable_log(BlockCodec codec)
    {
        const int Seed = 22;
        Recorded recorded = Recorded.MakeSynthetic(Seed, Streams, 60,
            new LogWriteOptions { SegmentBytes = 4 << 10, Compression = codec });
        var view = new DiskView(recorded.Disk);
        // A log is there when its first segment's start is.
        for (int step = 0; step <= SegmentStart.Size; step++)
            Assert.True(view.MoveNext());
        using var follower = new Follower(view);
        int states = 0, news = 0;
        do
        {
            news += follower.GoOn() ? 1 : 0;
            using var opened = new FileEventLogReader(view);
            Assert.Equal(follower.Tail, opened.Tail);
            Assert.Equal(follower.IsAtEnd, opened.IsComplete);
            Assert.Equal(follower.Events, recorded.Appended.Count(opened, out string fault)?.Sum());
            Assert.Empty(fault);
            states++;
        }
        while (view.MoveNext());
        Assert.True(follower.IsAtEnd);
        Assert.Equal(recorded.Appended.EventCount, follower.Events);
        Assert.Equal(follower.Events, recorded.Appended.Count(follower.Read, out _)!.Sum());
        output.WriteLine($"Seed {Seed}: {states} states, {news} with something new, {recorded.Disk.Steps.Count} operations.");
    }

    /// <summary>The writer goes on between any two looks of the reader at the disk.</summary>
    [Fact]
    public void Whatever_the_writer_does_between_two_looks_the_reader_sees_no_damage()
    {
        int looks = 0;
        Recorded? recorded = null;
        for (int seed = 1; seed <= TestTier.Times(200, 5_000); seed++)
        {
            if (seed % 20 == 1)
                recorded = Recorded.MakeSynthetic(seed, Streams, 600, new LogWriteOptions { SegmentBytes = SmallestSegment });
            var random = new Random(seed);
            var view = new DiskView(recorded!.Disk);
            for (int step = 0; step <= SegmentStart.Size; step++)
                view.MoveNext();
            int stride = 4 << random.Next(8);
            view.BeforeLook = () =>
            {
                // Mostly part of a block, now and then several segments.
                for (int steps = random.Next(random.Next(40) == 0 ? 5 * SmallestSegment : stride); steps > 0; steps--)
                    view.MoveNext();
                looks++;
            };
            Exception? thrown = Record.Exception(() => Follow(view, recorded.Appended));
            Assert.True(thrown is null, $"Seed {seed}: {thrown}");
        }
        output.WriteLine($"Seeds 1 to {TestTier.Times(200, 5_000)}: {looks} looks.");
    }

    private static void Follow(DiskView view, AppendedEvents appended)
    {
        using var follower = new Follower(view);
        do
        {
            follower.GoOn();
            using var opened = new FileEventLogReader(view);
            Assert.NotNull(appended.Count(opened, out string fault));
            Assert.Empty(fault);
        }
        while (view.MoveNext());
        follower.GoOn();
        Assert.True(follower.IsAtEnd);
        Assert.Equal(appended.EventCount, appended.Count(follower.Read, out _)!.Sum());
    }

    private static CommitPolicy Policy(string name) => name switch
    {
        "each block" => CommitPolicy.EachBlock,
        "every so often" => CommitPolicy.Every(TimeSpan.FromMilliseconds(1)),
        _ => CommitPolicy.Explicit,
    };
}

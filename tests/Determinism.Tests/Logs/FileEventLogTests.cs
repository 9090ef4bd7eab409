using CsCheck;
using Determinism.Log;

namespace Determinism.Tests.Logs;

public class FileEventLogTests
{
    private const string Segment = "000000.detlog";

    [Fact]
    public void What_was_appended_is_read_back_stream_by_stream() => Gen.Select(Gen.Int[0, 3], Gen.Byte.Array[1, 3_000])
        .Array[0, 200].Sample(
            appends =>
            {
                using var folder = new TemporaryFolder();
                var expected = new List<byte>[] { [], [], [], [] };
                using (var log = new FileEventLog(folder.File("log"), 4))
                {
                    for (int index = 0; index < appends.Length; index++)
                    {
                        (int stream, byte[] bytes) = appends[index];
                        expected[stream].AddRange(bytes);
                        LogPosition position = log.Append(stream, bytes);
                        Assert.Equal(new LogPosition(stream, expected[stream].Count), position);
                        if (index % 17 == 3)
                            log.WaitForCommit(position);
                    }
                    log.Complete();
                }
                using var reader = new FileEventLogReader(folder.File("log"));
                Assert.True(reader.IsComplete);
                for (int stream = 0; stream < 4; stream++)
                    Assert.Equal(expected[stream], ReadAll(reader, stream));
            },
            iter: TestTier.Times(50, 2_000), threads: 1);

    [Fact]
    public void An_event_never_lies_across_two_runs()
    {
        using var folder = new TemporaryFolder();
        using (var log = new FileEventLog(folder.File("log"), 1))
        {
            // More than a chunk holds, and one event larger than a chunk.
            for (int index = 0; index < 60; index++)
                log.Append(0, Enumerable.Repeat((byte)index, index == 30 ? 200_000 : 3_001).ToArray());
            log.Complete();
        }
        using var reader = new FileEventLogReader(folder.File("log"));
        long offset = 0;
        int events = 0;
        for (ReadOnlyMemory<byte> run; !(run = reader.ReadEvents(0, offset)).IsEmpty; offset += run.Length)
        {
            for (int at = 0; at < run.Length; events++)
            {
                int length = run.Span[at] == 30 ? 200_000 : 3_001;
                Assert.False(run.Span.Slice(at, length).ContainsAnyExcept(run.Span[at]));
                at += length;
            }
        }
        Assert.Equal(60, events);
    }

    [Fact]
    public void What_was_committed_is_in_the_file_while_the_log_is_open()
    {
        using var folder = new TemporaryFolder();
        using var log = new FileEventLog(folder.File("log"), 2);
        log.AppendBlock(BlockKind.Header, [7]);
        log.Append(0, [1, 2, 3]);
        LogPosition position = log.Append(1, [4]);
        log.WaitForCommit(position);
        log.Append(1, [5]);

        using var reader = new FileEventLogReader(folder.File("log"));
        Assert.False(reader.IsComplete);
        Assert.Equal([1, 2, 3], ReadAll(reader, 0));
        Assert.Equal([4], ReadAll(reader, 1));
        Assert.True(reader.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header));
        Assert.Equal([7], header.ToArray());
    }

    [Fact]
    public void A_log_closed_without_completing_has_no_trailer()
    {
        using var folder = new TemporaryFolder();
        using (var log = new FileEventLog(folder.File("log"), 1))
            log.WaitForCommit(log.Append(0, [1]));
        using var reader = new FileEventLogReader(folder.File("log"));
        Assert.False(reader.IsComplete);
        Assert.Equal([1], ReadAll(reader, 0));
    }

    [Fact]
    public void Streams_are_written_by_several_threads_at_once()
    {
        using var folder = new TemporaryFolder();
        const int Streams = 6;
        int count = TestTier.Times(5_000, 100_000);
        using (var log = new FileEventLog(folder.File("log"), Streams))
        {
            var threads = new Thread[Streams];
            for (int stream = 0; stream < Streams; stream++)
            {
                int number = stream;
                threads[stream] = new Thread(() =>
                {
                    for (int index = 0; index < count; index++)
                    {
                        LogPosition position = log.Append(number, BitConverter.GetBytes(index));
                        if (index % 997 == number)
                            log.WaitForCommit(position);
                    }
                });
                threads[stream].Start();
            }
            foreach (Thread thread in threads)
                Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "A writer hung.");
            log.Complete();
        }
        using var reader = new FileEventLogReader(folder.File("log"));
        for (int stream = 0; stream < Streams; stream++)
        {
            byte[] bytes = [.. ReadAll(reader, stream)];
            Assert.Equal(count * sizeof(int), bytes.Length);
            for (int index = 0; index < count; index++)
                Assert.Equal(index, BitConverter.ToInt32(bytes, index * sizeof(int)));
        }
    }

    [Fact]
    public void A_byte_changed_anywhere_is_found_with_its_place_or_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = WriteSmall(folder);
        byte[] all = ReadEverything(folder, whole, withManifest: true);
        int found = 0;
        foreach (byte[] changed in ChangeEachByte(whole))
        {
            try
            {
                Assert.Equal(all, ReadEverything(folder, changed, withManifest: true));
            }
            catch (LogDamagedException damage)
            {
                found++;
                Assert.InRange(damage.Offset, 0, whole.Length);
            }
        }
        // What is left are fillers between blocks, and the trailer, which a reader of events has no need of.
        Assert.InRange(found, whole.Length - TrailerBytes - (6 * 7), whole.Length);
    }

    [Fact]
    public void Where_nothing_says_how_far_the_log_was_durable_a_changed_byte_leaves_what_is_before_it()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = WriteSmall(folder);
        byte[] all = ReadEverything(folder, whole, withManifest: false);
        foreach (byte[] changed in ChangeEachByte(whole[StartBytes..]))
        {
            byte[] some = ReadEverything(folder, [.. whole[..StartBytes], .. changed], withManifest: false);
            Assert.True(all.AsSpan().StartsWith(some));
        }
    }

    [Fact]
    public void A_changed_byte_before_what_was_durable_is_damage_although_the_log_was_not_completed()
    {
        using var folder = new TemporaryFolder();
        using (var log = new FileEventLog(folder.File("log"), 1))
        {
            log.WaitForCommit(log.Append(0, "one"u8));
            log.WaitForCommit(log.Append(0, "two"u8));
            log.WaitForCommit(log.Append(0, "three"u8));
        }
        string segment = folder.File("log/" + Segment);
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[StartBytes + 96] ^= 1;
        File.WriteAllBytes(segment, bytes);
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => new FileEventLogReader(folder.File("log")).Dispose());
        Assert.Equal(StartBytes, damage.Offset);
    }

    [Fact]
    public void A_file_cut_anywhere_is_shorter_or_damaged_but_never_something_else()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = WriteSmall(folder);
        byte[] all = ReadEverything(folder, whole, withManifest: false);
        var lengths = new HashSet<int>();
        for (int length = 0; length < whole.Length; length++)
        {
            if (length < StartBytes)
            {
                Assert.Throws<LogDamagedException>(() => ReadEverything(folder, whole[..length], withManifest: false));
                continue;
            }
            byte[] some = ReadEverything(folder, whole[..length], withManifest: false);
            Assert.True(all.AsSpan().StartsWith(some));
            lengths.Add(some.Length);
        }
        // Nothing, the header, a stream, the other.
        Assert.Equal(4, lengths.Count);
    }

    [Fact]
    public void A_completed_log_that_was_cut_is_damaged()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = WriteSmall(folder);
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<LogDamagedException>(() => ReadEverything(folder, whole[..length], withManifest: true));
    }

    [Fact]
    public void What_is_no_log_is_damaged_at_its_start()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Assert.Throws<LogDamagedException>(
            () => ReadEverything(folder, "no log at all, not even near"u8.ToArray(), withManifest: false)).Offset);
        Assert.Equal(0, Assert.Throws<LogDamagedException>(() => ReadEverything(folder, [], withManifest: false)).Offset);
        Directory.CreateDirectory(folder.File("empty"));
        Assert.Throws<LogDamagedException>(() => new FileEventLogReader(folder.File("empty")).Dispose());
        Assert.Throws<DirectoryNotFoundException>(() => new FileEventLogReader(folder.File("nowhere")).Dispose());
    }

    [Fact]
    public void A_folder_with_something_in_it_is_not_written_into()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("log"));
        File.WriteAllText(folder.File("log/letter"), "precious");
        Assert.Throws<IOException>(() => new FileEventLog(folder.File("log"), 1).Dispose());
        Assert.Equal("letter", Path.GetFileName(Assert.Single(Directory.GetFiles(folder.File("log")))));
    }

    [Fact]
    public void An_existing_file_is_not_written_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("log"), "precious");
        Assert.Throws<IOException>(() => new FileEventLog(folder.File("log"), 1).Dispose());
        Assert.Equal("precious", File.ReadAllText(folder.File("log")));
    }

    [Fact]
    public void A_completed_log_takes_nothing_more()
    {
        using var folder = new TemporaryFolder();
        using var log = new FileEventLog(folder.File("log"), 1);
        log.Complete();
        log.Complete();
        Assert.Throws<ObjectDisposedException>(() => log.Append(0, [1]));
        Assert.Throws<ObjectDisposedException>(() => log.AppendBlock(BlockKind.Header, [1]));
    }

    [Fact]
    public void Streams_and_blocks_that_do_not_exist_are_refused()
    {
        using var folder = new TemporaryFolder();
        using var log = new FileEventLog(folder.File("log"), 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Append(2, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Append(-1, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.WaitForCommit(new LogPosition(2, 0)));
        Assert.Throws<ArgumentException>(() => log.AppendBlock(BlockKind.Events, [1]));
        Assert.Throws<ArgumentException>(() => log.AppendBlock(BlockKind.None, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FileEventLog(folder.File("none"), 0).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => new FileEventLog(folder.File("none"), 255).Dispose());
    }

    private const int StartBytes = 64;
    private const int TrailerBytes = 96 + (2 * 16) + 8;

    /// <summary>The segment: start, header, two streams of events, trailer, index, end.</summary>
    private static byte[] WriteSmall(TemporaryFolder folder)
    {
        using (var log = new FileEventLog(folder.File("small"), 2))
        {
            log.AppendBlock(BlockKind.Header, "header"u8);
            log.Append(0, "first stream"u8);
            log.Append(1, "second stream"u8);
            log.Complete();
        }
        return File.ReadAllBytes(folder.File("small/" + Segment));
    }

    private static IEnumerable<byte[]> ChangeEachByte(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] changed = [.. bytes];
            changed[at] ^= 0x10;
            yield return changed;
        }
    }

    private static byte[] ReadEverything(TemporaryFolder folder, byte[] segment, bool withManifest)
    {
        string changed = folder.File("changed");
        if (Directory.Exists(changed))
            Directory.Delete(changed, recursive: true);
        Directory.CreateDirectory(changed);
        File.WriteAllBytes(Path.Combine(changed, Segment), segment);
        if (withManifest)
            File.Copy(folder.File("small/manifest"), Path.Combine(changed, "manifest"));
        using var reader = new FileEventLogReader(changed);
        var all = new List<byte>();
        if (reader.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> header))
            all.AddRange(header.Span);
        for (int stream = 0; stream < reader.StreamCount; stream++)
            all.AddRange(ReadAll(reader, stream));
        return [.. all];
    }

    private static List<byte> ReadAll(FileEventLogReader reader, int stream)
    {
        var bytes = new List<byte>();
        for (ReadOnlyMemory<byte> run; !(run = reader.ReadEvents(stream, bytes.Count)).IsEmpty;)
            bytes.AddRange(run.Span);
        return bytes;
    }
}

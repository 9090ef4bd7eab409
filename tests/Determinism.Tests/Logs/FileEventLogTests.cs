using CsCheck;
using Determinism.Log;

namespace Determinism.Tests.Logs;

public class FileEventLogTests
{
    private const int HeaderBytes = 16;

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

        byte[] now = ReadShared(folder.File("log"));
        File.WriteAllBytes(folder.File("copy"), now);
        using var reader = new FileEventLogReader(folder.File("copy"));
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
    public void A_byte_changed_anywhere_is_found_and_its_offset_told()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = WriteSmall(folder);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x10;
            LogDamagedException damage = Assert.Throws<LogDamagedException>(() => ReadEverything(folder, changed));
            Assert.InRange(damage.Offset, Math.Max(0, at - 64), at);
            Assert.Contains(damage.Offset.ToString(System.Globalization.CultureInfo.InvariantCulture), damage.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_cut_anywhere_is_shorter_or_damaged_but_never_something_else()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = WriteSmall(folder);
        byte[] all = ReadEverything(folder, whole);
        int boundaries = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            try
            {
                byte[] some = ReadEverything(folder, whole[..length]);
                Assert.True(all.AsSpan().StartsWith(some));
                boundaries++;
            }
            catch (LogDamagedException damage)
            {
                Assert.InRange(damage.Offset, 0, length);
            }
        }
        // A cut between two blocks leaves a log that breaks off.
        Assert.Equal(4, boundaries);
    }

    [Fact]
    public void What_is_no_log_is_damaged_at_its_start()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Assert.Throws<LogDamagedException>(() => ReadEverything(folder, "no log at all, not even near"u8.ToArray())).Offset);
        Assert.Equal(0, Assert.Throws<LogDamagedException>(() => ReadEverything(folder, [])).Offset);
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

    /// <summary>Header, two streams of events, trailer.</summary>
    private static byte[] WriteSmall(TemporaryFolder folder)
    {
        using (var log = new FileEventLog(folder.File("small"), 2))
        {
            log.AppendBlock(BlockKind.Header, "header"u8);
            log.Append(0, "first stream"u8);
            log.Append(1, "second stream"u8);
            log.Complete();
        }
        byte[] bytes = File.ReadAllBytes(folder.File("small"));
        Assert.Equal(16 + (4 * HeaderBytes) + "header".Length + "first stream".Length + "second stream".Length, bytes.Length);
        return bytes;
    }

    private static byte[] ReadEverything(TemporaryFolder folder, byte[] file)
    {
        File.WriteAllBytes(folder.File("changed"), file);
        using var reader = new FileEventLogReader(folder.File("changed"));
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

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}

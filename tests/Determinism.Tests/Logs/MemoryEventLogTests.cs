using Determinism.Log;

namespace Determinism.Tests.Logs;

public class MemoryEventLogTests
{
    [Fact]
    public void It_is_read_while_it_is_written()
    {
        using var log = new MemoryEventLog(1);
        const int Count = 50_000;
        var writer = new Thread(() =>
        {
            for (int index = 0; index < Count; index++)
                log.Append(0, BitConverter.GetBytes(index));
        });
        writer.Start();
        int expected = 0;
        Scripted.Driven.Until(
            () =>
            {
                for (ReadOnlyMemory<byte> run; !(run = log.ReadEvents(0, expected * sizeof(int))).IsEmpty;)
                {
                    Assert.Equal(0, run.Length % sizeof(int));
                    for (int at = 0; at < run.Length; at += sizeof(int))
                        Assert.Equal(expected++, BitConverter.ToInt32(run.Span[at..]));
                }
                return expected == Count;
            },
            "for all events.");
        Assert.True(writer.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(Count * sizeof(int), log.EventBytes);
    }

    // They wait at the end of what is there, which is the end of a chunk's bytes, too, before the next one comes.
    [Fact]
    public void Readers_at_the_end_lose_nothing_when_the_log_goes_on()
    {
        const int Bytes = 20_000;
        const int Events = 12;
        for (int round = 0; round < 30; round++)
        {
            using var log = new MemoryEventLog(1);
            bool isOver = false;
            Task[] readers = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => Scripted.Driven.Aside(() =>
            {
                long offset = 0;
                while (offset < Events * Bytes && !Volatile.Read(ref isOver))
                    offset += log.ReadEvents(0, offset).Length;
                Assert.Equal(Events * Bytes, offset);
            }))];
            var one = new byte[Bytes];
            for (int index = 0; index < Events; index++)
            {
                log.Append(0, one);
                Thread.Yield();
            }
            try
            {
                foreach (Task reader in readers)
                    Scripted.Driven.Finishes(reader);
            }
            finally
            {
                Volatile.Write(ref isOver, true);
            }
        }
    }

    [Fact]
    public void It_takes_nothing_more_when_complete_and_can_still_be_read()
    {
        var log = new MemoryEventLog(2);
        log.Append(1, [1, 2]);
        log.Complete();
        log.Dispose();
        Assert.True(log.IsComplete);
        Assert.Throws<ObjectDisposedException>(() => log.Append(1, [3]));
        Assert.Throws<ObjectDisposedException>(() => log.AppendBlock(BlockKind.Header, [3]));
        Assert.Equal([1, 2], log.ReadEvents(1, 0).ToArray());
        Assert.Equal([2], log.ReadEvents(1, 1).ToArray());
        Assert.True(log.ReadEvents(1, 2).IsEmpty);
    }
}

using Determinism.Log.Tests.Verification;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Commits;

/// <summary>A log that is closed while others append and wait: nobody hangs, nobody gets a strange exception, and what was
/// acknowledged is there.</summary>
public class ClosingTests(ITestOutputHelper output)
{
    private const int Streams = 3;

    [Fact]
    public void Whoever_closes_a_log_in_the_middle_of_appends_and_waits_loses_nothing_acknowledged()
    {
        const int Seed = 31;
        var random = new Random(Seed);
        int acknowledged = 0, closed = 0, completed = 0;
        for (int round = 0; round < TestTier.Times(150, 1500); round++)
        {
            var storage = new MemoryStorage();
            var log = new FileEventLog(storage, Streams, new LogWriteOptions { SegmentBytes = 4 << 10 });
            var durable = new long[Streams];
            var failures = new List<Exception>();
            int spin = random.Next(20_000);
            bool completes = random.Next(2) == 0;
            Thread[] threads =
            [
                .. Enumerable.Range(0, Streams).Select(stream => new Thread(() => Watch(failures, () =>
                {
                    for (int number = 0; ; number++)
                    {
                        LogPosition position = log.Append(stream, [(byte)EventKind.Input | 3 << 4, 0, 1, 2]);
                        if (number % 4 != 0)
                            continue;
                        log.WaitForCommit(position);
                        durable[stream] = position.Offset;
                    }
                }))),
                new Thread(() => Watch(failures, () =>
                {
                    for (byte number = 0; number < 100; number++)
                        log.AppendBlock(BlockKind.Configuration, [number]);
                })),
                new Thread(() => Watch(failures, () =>
                {
                    Thread.SpinWait(spin);
                    log.Complete();
                })),
                new Thread(() => Watch(failures, () =>
                {
                    Thread.SpinWait(completes ? 60_000 : spin);
                    log.Dispose();
                })),
            ];
            Array.ForEach(threads, static thread => thread.Start());
            Array.ForEach(threads, static thread => thread.Join());
            log.Dispose();

            Assert.All(failures, static failure => Assert.IsType<ObjectDisposedException>(failure));
            closed += failures.Count;
            using var reader = new FileEventLogReader(storage);
            completed += reader.IsComplete ? 1 : 0;
            LogVerification found = LogVerifier.Verify(storage);
            Assert.True(found.IsIntact, $"seed {Seed}, round {round}: {string.Join('\n', found.Problems)}");
            for (int stream = 0; stream < Streams; stream++)
            {
                EventCursor cursor = reader.OpenStream(stream);
                while (cursor.MoveToNext())
                    cursor.Consume();
                Assert.True(cursor.Offset >= durable[stream], $"seed {Seed}, round {round}");
                acknowledged += durable[stream] > 0 ? 1 : 0;
            }
        }
        output.WriteLine($"Seed {Seed}: {acknowledged} streams with something acknowledged, {closed} told that the log is closed, "
            + $"{completed} logs complete.");
        Assert.True(acknowledged > 0 && closed > 0 && completed > 0);
    }

    private static void Watch(List<Exception> failures, Action action)
    {
        Exception? failure = Support.Patience.Catch(action);
        if (failure is null)
            return;
        lock (failures)
            failures.Add(failure);
    }
}

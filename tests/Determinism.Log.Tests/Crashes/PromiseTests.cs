using Determinism.Log.Tests.Disk;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Crashes;

public class PromiseTests(ITestOutputHelper output)
{
    private const int Streams = 254;
    private const int Waiters = 3;
    private const int WaitsEach = 60;

    /// <summary>Causes in the first stream, effects in the last one: a log that looks at the first, then at the last, must not
    /// acknowledge an effect that came between.</summary>
    [Fact]
    public void What_is_acknowledged_is_durable_with_its_causes_however_fast_they_come()
    {
        var disk = new SimulatedDisk();
        using var log = new WatchedLog(new FileEventLog(new Hesitant(disk), Streams, new LogWriteOptions()), disk, int.MaxValue);
        using var stop = new CancellationTokenSource();
        LogPosition last = default;
        object gate = new();
        var appender = new Thread(() =>
        {
            var causes = new EventEncoder(Streams);
            var effects = new EventEncoder(Streams);
            var buffer = new byte[100];
            for (ulong number = 1; !stop.IsCancellationRequested; number++)
            {
                causes.TryWrite(buffer, new StreamEvent { Kind = EventKind.Input }, default, default, out int length);
                log.Append(0, buffer.AsSpan(0, length));
                effects.TryWrite(buffer, new StreamEvent { Kind = EventKind.Elevation, NewRight = AccessRight.Read },
                    [new OrderingConstraint(0, number)], default, out length);
                LogPosition position = log.Append(Streams - 1, buffer.AsSpan(0, length));
                lock (gate)
                    last = position;
            }
        });
        Thread[] waiters = [.. Enumerable.Range(0, Waiters).Select(_ => new Thread(() =>
        {
            LogPosition position = default;
            for (int wait = 0; wait < WaitsEach; wait++)
            {
                LogPosition before = position;
                while (position == before)
                {
                    lock (gate)
                        position = last;
                }
                log.WaitForCommit(position);
            }
        }))];
        appender.Start();
        Array.ForEach(waiters, static waiter => waiter.Start());
        Array.ForEach(waiters, static waiter => waiter.Join());
        stop.Cancel();
        appender.Join();

        Recorded recorded = log.ToRecorded();
        var recovery = new Recovery(recorded);
        var random = new Random(1);
        foreach (Acknowledgement one in recorded.Acknowledgements.Where((_, index) => index % 4 == 0))
            Assert.Null(recovery.FindFault(one.Moment, 1, random));
        output.WriteLine($"Seed 1: {recovery}");
    }

    /// <summary>Lets those who were acknowledged run before the next block is written.</summary>
    private sealed class Hesitant(ILogStorage inner) : StorageFilter(inner)
    {
        private bool _hasSynced;

        protected override int Write(ILogFile file, ReadOnlySpan<byte> data)
        {
            if (_hasSynced)
                Thread.Sleep(1);
            _hasSynced = false;
            return file.Write(data);
        }

        protected override void Sync(ILogFile file)
        {
            file.Sync();
            _hasSynced = true;
        }
    }
}

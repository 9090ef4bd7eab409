using Xunit.Abstractions;

namespace Determinism.Log.Tests.Commits;

public class PromiseTests(ITestOutputHelper output)
{
    private const int Streams = 254;
    private const int Last = Streams - 1;

    /// <summary>Causes in the first stream, each with its effect in the last one. Whoever looks at the first, then at the last,
    /// sees effects without their causes: these must not be promised.</summary>
    [Fact]
    public void What_is_promised_is_taken_with_its_causes_however_fast_they_come()
    {
        StreamTail[] tails = [.. Enumerable.Range(0, Streams).Select(static _ => new StreamTail())];
        var backlog = new Backlog(tails, int.MaxValue);
        object gate = new();
        bool isStopped = false;
        var appender = new Thread(() =>
        {
            while (!Volatile.Read(ref isStopped))
            {
                AppendByte(backlog, gate, tails[0], 0);
                AppendByte(backlog, gate, tails[Last], Last);
            }
        });
        appender.Start();

        var runs = new List<Backlog.Run>();
        var promised = new long[Streams];
        long causes = 0, effects = 0;
        int withoutCauses = 0, takes = 0;
        // Until the race has been seen often enough: effects that were taken, and their causes not.
        for (; withoutCauses < 20 && causes < 1L << 32; takes++)
        {
            lock (gate)
            {
                backlog.Take(runs, promised, withTails: true);
                foreach (Backlog.Run run in runs)
                {
                    causes += run.Stream == 0 ? run.Events.Length : 0;
                    effects += run.Stream == Last ? run.Events.Length : 0;
                    backlog.Return(run);
                }
                runs.Clear();
            }
            if (promised[Last] > causes)
                break;
            withoutCauses += effects > causes ? 1 : 0;
        }
        Volatile.Write(ref isStopped, true);
        appender.Join();
        output.WriteLine($"{takes} takes, {causes} causes; {withoutCauses} takes had effects without their causes.");
        Assert.True(promised[Last] <= causes, $"{promised[Last]} effects are promised, with {causes} causes.");
        Assert.Equal(20, withoutCauses);
    }

    private static void AppendByte(Backlog backlog, object gate, StreamTail tail, int stream)
    {
        if (tail.Used == tail.Bytes.Length)
        {
            lock (gate)
                backlog.Seal(stream, 1);
        }
        Volatile.Write(ref tail.Used, tail.Used + 1);
    }
}

using System.Diagnostics;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.KvmCosts;

/// <summary>Handovers of a recording: two vCPUs that write words of the same frames, which are stolen at once.</summary>
internal static class HandoverByUs
{
    /// <summary>The steps of one handover, in order, in microseconds.</summary>
    public sealed record Steps(
        double Ask, double Leave, double Handle, double Close, double Wake, double Open, double Return, double Whole);

    private const ulong Rounds = 4_000_000;

    public static List<Steps> Measure()
    {
        MachineConfiguration configuration = HandoverGuest.Configure(Rounds);
        using GuestMachine machine = Machines.Make(configuration, new KvmBackend(new KvmOptions { RunClock = TimeProvider.System }));
        var tracer = new TracingBackend(machine.Processors);
        using RecordingSession session = RecordingSession.Start(tracer, configuration.Shape,
            new MemoryEventLog(configuration.Shape.AgentCount), new RecordingOptions
            {
                Scheduler = new ParallelScheduler(TimeSpan.Zero), Time = TimeProvider.System,
                Guest = configuration.GuestName, InitialState = configuration.Digest,
                SharedFrames = CodeFrames.Find(configuration),
            });
        machine.Run(session);
        return Match(tracer, ((KvmProcessors)machine.Processors).Intervals);
    }

    /// <summary>Puts together what belongs to one handover; what does not fit is left out.</summary>
    private static List<Steps> Match(TracingBackend tracer, IReadOnlyList<RunIntervals> intervals)
    {
        var found = new List<Steps>();
        TracingBackend.Change[] changes = [.. tracer.Changes.OrderBy(change => change.Begin)];
        TracingBackend.Request[] requests = [.. tracer.Requests.OrderBy(request => request.Time)];
        long[][] entries = [.. intervals.Select(one => one.All.Select(run => run.Entered).ToArray())];
        long[][] exits = [.. intervals.Select(one => one.All.Select(run => run.Left).ToArray())];
        for (int index = 0; index + 1 < changes.Length; index++)
        {
            TracingBackend.Change closed = changes[index];
            if (closed.Right != AccessRight.None)
                continue;
            int winner = 1 - closed.Vcpu;
            TracingBackend.Change? opened = changes.Skip(index + 1).Take(4).FirstOrDefault(change =>
                change.Vcpu == winner && change.Frame == closed.Frame && change.Right == AccessRight.ReadWrite);
            if (opened is null)
                continue;
            long fault = Before(exits[winner], closed.Begin), left = Before(exits[closed.Vcpu], closed.Begin);
            long entered = After(entries[winner], opened.End);
            long asked = Before([.. requests.Where(request => request.Vcpu == closed.Vcpu && request.Time >= fault)
                .Take(1).Select(request => request.Time)], left);
            if (fault == 0 || asked == 0 || entered == 0 || asked > left)
                continue;
            found.Add(new Steps(Span(fault, asked), Span(asked, left), Span(left, closed.Begin),
                Span(closed.Begin, closed.End), Span(closed.End, opened.Begin), Span(opened.Begin, opened.End),
                Span(opened.End, entered), Span(fault, entered)));
        }
        return found;
    }

    private static double Span(long from, long to) => (to - from) * 1e6 / Stopwatch.Frequency;

    private static long Before(long[] times, long limit)
    {
        int at = Array.BinarySearch(times, limit);
        at = at < 0 ? ~at - 1 : at;
        return at < 0 ? 0 : times[at];
    }

    private static long After(long[] times, long limit)
    {
        int at = Array.BinarySearch(times, limit);
        at = at < 0 ? ~at : at;
        return at == times.Length ? 0 : times[at];
    }
}

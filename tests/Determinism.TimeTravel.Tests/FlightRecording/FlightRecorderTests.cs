using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Machine;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.FlightRecording;

/// <summary>The newest part of a recording is kept within its budget, and replays.</summary>
public class FlightRecorderTests(ITestOutputHelper output)
{
    // Bytes of a block beside its content, and of events that a stream gathers for one.
    private const long BlockBytes = (64 << 10) + 512;

    public static TheoryData<string, string, int> Runs()
    {
        var data = new TheoryData<string, string, int>();
        foreach (string guest in (string[])["racy", "devices", "radix"])
        {
            foreach (string backend in (string[])["managed", "kvm"])
                foreach (int budget in (int[])[64, 400, 700])
                    data.Add(guest, backend, budget);
        }
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Runs))]
    public void A_long_recording_stays_within_its_bound_and_its_tail_replays(string guest, string backend, int budget)
    {
        if (backend == "kvm")
            Recorded.NeedKvm();
        for (int round = 0; round < TestTier.Times(1, 5); round++)
        {
            int seed = HashCode.Combine(guest.Length, budget) + round & 0xFFFF;
            ClockKind clock = backend == "kvm" || seed % 2 == 0 ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions;
            var options = new FlightRecorderOptions { KeepBytes = (long)budget << 10, Time = TimeProvider.System };
            using FlightRun run = FlightRun.Record(guest, clock, Recorded.Find(backend), seed, options);
            FlightRecorderStatus status = run.Status;
            output.WriteLine($"{guest}, {backend}, seed {seed}, {clock}: {status}; seen {run.MostSeen}");
            long bound = BoundOf(options.KeepBytes, run);
            Assert.InRange(run.MostSeen, 1, bound);
            Assert.InRange(status.MostBytes, 1, bound);

            LogVerification found = LogVerifier.Verify(run.Path);
            Assert.True(found.IsIntact, string.Join('\n', found.Problems));
            Assert.True(found is { IsComplete: true, IsOrderChecked: true });
            using (var log = new FileEventLogReader(run.Path))
            {
                Assert.Equal(status.OldestCheckpoint > 0, log.IsBeginningDropped);
                Assert.Equal(status.OldestCheckpoint, Checkpoints.LogCheckpoints.ReadFrom(log).Start?.Number ?? 0);
            }
            Assert.Null(run.FindDifference(Recorded.Find(backend)));
            if (backend == "kvm")
                Assert.Null(run.FindDifference(Recorded.Managed));
        }
    }

    /// <summary>That of docs/time-travel.md.</summary>
    private static long BoundOf(long budget, FlightRun run)
    {
        long segment = run.SegmentBytes + BlockBytes;
        long whole = run.Status.LargestWholeBytes;
        return Math.Max(budget, run.Status.BaseBytes + segment + Math.Max(budget / 4, 2 * whole)) + whole + (2 * segment);
    }
}

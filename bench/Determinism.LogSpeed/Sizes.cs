using System.Globalization;
using Determinism.Emulation;
using Determinism.Guests;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;

namespace Determinism.LogSpeed;

/// <summary>What each kind of event takes in the files, all overhead shared out.</summary>
internal static class Sizes
{
    private const int Vcpus = 4;

    public static int Run(string folder)
    {
        Console.WriteLine("| guest | machine | events | right changes | B each | elevations with one constraint | B each | inputs | B each "
            + "| interrupts | B each | digests | B each | overhead of blocks | event blocks B | as LZ4 B |");
        Console.WriteLine("| --- | --- " + string.Concat(Enumerable.Repeat("| ---: ", 14)) + "|");
        var kvm = new KvmBackend(new KvmOptions());
        foreach (Guest guest in GuestCatalog.All.Where(guest => guest.Kind != GuestKind.Test))
        {
            Measure(folder, guest, new ManagedBackend(), "managed", ClockKind.RetiredInstructions);
            if (kvm.FindObstacle() is null)
                Measure(folder, guest, kvm, "KVM", ClockKind.SoftwareCounter);
        }
        MeasureTimeStamps(folder);
        return 0;
    }

    private static void Measure(string folder, Guest guest, IMachineBackend backend, string name, ClockKind clock)
    {
        string path = Path.Combine(folder, guest.Name + name);
        MachineConfiguration configuration = guest.Configure(Vcpus, clock) with { Disk = new byte[512 * GuestLayout.SectorBytes] };
        using (var machine = new GuestMachine(configuration, backend, MakeSurroundings()))
        using (var log = new FileEventLog(path, configuration.Shape.AgentCount))
        using (RecordingSession session = MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System))
            machine.Run(session);
        LogCopy.WriteTo(new FileEventLogReader(path), path + "-lz4", new LogWriteOptions { Compression = BlockCodec.Lz4 });
        Report(guest.Name, name, path);
    }

    private static MachineSurroundings MakeSurroundings()
    {
        var random = new Random(1);
        return new MachineSurroundings
        {
            Time = TimeProvider.System, Entropy = () => (ulong)random.NextInt64(), ConsoleInput = static _ => 0,
        };
    }

    private static void Report(string guest, string machine, string path)
    {
        using var log = new FileEventLogReader(path);
        var kinds = new Dictionary<string, (long Count, long Bytes)>();
        void Add(string kind, long bytes)
        {
            kinds.TryGetValue(kind, out (long Count, long Bytes) sum);
            kinds[kind] = (sum.Count + 1, sum.Bytes + bytes);
        }
        for (int stream = 0; stream < log.StreamCount; stream++)
        {
            long before = 0;
            for (EventCursor cursor = log.OpenStream(stream); cursor.MoveToNext(); cursor.Consume())
            {
                long bytes = cursor.Offset - before;
                before = cursor.Offset;
                Add("all", bytes);
                EventKind kind = cursor.Next.Kind;
                Add(kind is EventKind.Elevation or EventKind.Reduction ? "rights" : kind.ToString(), bytes);
                if (kind == EventKind.Elevation && cursor.Constraints.Length == 1)
                    Add("constrained", bytes);
            }
        }
        long stored = EventBlockBytes(log);
        using var compressed = new FileEventLogReader(path + "-lz4");
        double overhead = (double)stored / kinds["all"].Bytes;
        string Cell(string kind) => kinds.TryGetValue(kind, out (long Count, long Bytes) sum)
            ? string.Format(CultureInfo.InvariantCulture, "{0} | {1:F2}", sum.Count, sum.Bytes * overhead / sum.Count)
            : "0 | ";
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
            "| {0} | {1} | {2} | {3} | {4} | {5} | {6} | {7} | {8:P1} | {9} | {10} |", guest, machine, kinds["all"].Count,
            Cell("rights"), Cell("constrained"), Cell("Input"), Cell("Asynchronous"), Cell("Digest"), overhead - 1, stored,
            EventBlockBytes(compressed)));
    }

    private static long EventBlockBytes(FileEventLogReader log) => log.ReadBlocks()
        .Where(block => block.Kind == BlockKind.Events)
        .Sum(block => (BlockHeader.Size + block.StoredBytes + BlockHeader.Alignment - 1L) & -BlockHeader.Alignment);

    /// <summary>The guests' kernels read no time stamps: this is what they would take, read in a loop at some distance.</summary>
    private static void MeasureTimeStamps(string folder)
    {
        Console.WriteLine();
        Console.WriteLine("| time stamps in a loop, mean distance in ns | B each |");
        Console.WriteLine("| ---: | ---: |");
        foreach (int distance in new[] { 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000 })
        {
            const int Count = 100_000;
            string path = Path.Combine(folder, "stamps" + distance.ToString(CultureInfo.InvariantCulture));
            var random = new Random(distance);
            var encoder = new EventEncoder(1);
            var buffer = new byte[EventEncoder.MaximumFixedBytes];
            ulong now = 1_000_000_000;
            using (var log = new FileEventLog(path, 1))
            {
                for (int number = 1; number <= Count; number++)
                {
                    // Times between reads scatter by a tenth.
                    now += (ulong)(distance * (0.9 + (0.2 * random.NextDouble())));
                    encoder.TryWrite(buffer, new StreamEvent
                    {
                        Kind = EventKind.Input, Place = PlaceKind.Exit, Position = (ulong)number, Code = 0x1D, Value = now,
                        Check = (byte)random.Next(256),
                    }, default, default, out int written);
                    log.Append(0, buffer.AsSpan(0, written));
                }
                log.Complete();
            }
            using var reader = new FileEventLogReader(path);
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "| {0} | {1:F2} |", distance, EventBlockBytes(reader) / (double)Count));
        }
    }
}

namespace Determinism.Log.Fuzz;

/// <summary>Small real logs, written in every way: what a fuzzer starts from. The same ones each time.</summary>
public static class Corpus
{
    private const int Streams = 3;

    private static readonly LogWriteOptions s_keyed = new()
    {
        Keys = FuzzTarget.Keys, Identity = new Guid("f022f022-0000-4000-8000-000000000001"),
    };

    /// <summary>The logs by name, packed.</summary>
    public static IReadOnlyDictionary<string, byte[]> Make() => new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
    {
        ["plain"] = Write(new LogWriteOptions(), isComplete: true),
        ["segments"] = Write(new LogWriteOptions { SegmentBytes = 4 << 10 }, isComplete: true),
        ["compressed"] = Write(new LogWriteOptions { Compression = BlockCodec.Lz4 }, isComplete: true),
        ["keyed"] = Write(s_keyed, isComplete: true),
        ["keyed-compressed"] = Write(s_keyed with { Compression = BlockCodec.Lz4, SegmentBytes = 4 << 10 }, isComplete: true),
        ["cut-short"] = Write(new LogWriteOptions { SegmentBytes = 4 << 10 }, isComplete: false),
    };

    private static byte[] Write(LogWriteOptions options, bool isComplete)
    {
        var storage = new MemoryStorage();
        using (var log = new FileEventLog(storage, Streams, options))
        {
            log.AppendBlock(BlockKind.Header, Header().ToBytes());
            WriteEvents(log, new Random(1));
            log.AppendBlock(BlockKind.FinalState, new byte[8]);
            if (isComplete)
                log.Complete();
        }
        return PackedLog.Pack(storage.Copy());
    }

    /// <summary>The header of its logs.</summary>
    public static LogHeader Header() => new()
    {
        Shape = new MachineShape { VcpuCount = 2, DeviceAgentCount = 1, MemoryBytes = 1 << 20, PseudoFrameCount = 4 },
        Clock = ClockKind.RetiredInstructions, Scope = OwnershipScope.Frames, DigestInterval = 16, Backend = "backend",
        Processor = "processor", Guest = "guest", InitialState = 5, SharedFrames = [new FrameRange(1, 2)],
        PrivateFrames = [new OwnedFrames(1, new FrameRange(7, 9))],
    };

    private static void WriteEvents(FileEventLog log, Random random)
    {
        EventEncoder[] encoders = [.. Enumerable.Range(0, Streams).Select(static _ => new EventEncoder(Streams))];
        var events = new ulong[Streams];
        var counts = new ulong[Streams];
        var bytes = new byte[256];
        for (int number = 0; number < 300; number++)
        {
            int stream = number % Streams;
            var kind = (EventKind)(1 + random.Next((int)EventKind.Digest));
            bool hasBytes = kind is EventKind.Input or EventKind.Digest && random.Next(3) == 0;
            var one = new StreamEvent
            {
                Kind = kind, Place = random.Next(2) == 0 ? PlaceKind.Count : PlaceKind.Exit, Check = (byte)random.Next(256),
                Position = counts[stream] += (ulong)random.Next(50), HasBytes = hasBytes,
            };
            if (kind is EventKind.Elevation or EventKind.Reduction)
                (one.Frame, one.OldRight, one.NewRight) = ((ulong)random.Next(260), AccessRight.Read, AccessRight.ReadWrite);
            else
                (one.Code, one.Value) = ((uint)random.Next(4), (ulong)random.Next(1000));
            int source = (stream + 1) % Streams;
            OrderingConstraint[] causes =
                kind == EventKind.Elevation && events[source] > 0 ? [new OrderingConstraint(source, events[source])] : [];
            encoders[stream].TryWrite(bytes, one, causes, hasBytes ? "some bytes"u8 : [], out int written);
            LogPosition position = log.Append(stream, bytes.AsSpan(0, written));
            events[stream]++;
            if (random.Next(12) == 0)
                log.WaitForCommit(position);
        }
    }
}

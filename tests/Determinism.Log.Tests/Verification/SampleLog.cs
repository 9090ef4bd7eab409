namespace Determinism.Log.Tests.Verification;

/// <summary>A small log of three streams with constraints between them, in several segments and many blocks.</summary>
internal static class SampleLog
{
    public const int Streams = 3;

    private const int Rounds = 24;
    private const int EventsARound = 6;

    public static LogKeys ChainKeys { get; } = new(chain: Secret(7));

    public static LogKeys AllKeys { get; } = new(Secret(3), Secret(7));

    public static Guid Identity { get; } = new("11112222-3333-4444-5555-666677778888");

    public static byte[] Secret(byte first) => [.. Enumerable.Range(first, LogKeys.SecretBytes).Select(one => (byte)one)];

    /// <summary>Writes it.</summary>
    /// <param name="keys">Its secrets, if any.</param>
    /// <param name="identity">Its identity; a default one.</param>
    /// <param name="complete">Whether it is closed properly.</param>
    /// <param name="extra">Constraints instead of the usual ones, by agent and event number.</param>
    /// <param name="segmentBytes">After how many bytes a segment ends.</param>
    public static MemoryStorage Write(LogKeys? keys = null, Guid? identity = null, bool complete = true,
        Func<int, ulong, OrderingConstraint[]?>? extra = null, long segmentBytes = 4096, BlockCodec codec = BlockCodec.None)
    {
        var storage = new MemoryStorage();
        using var log = new FileEventLog(storage, Streams, new LogWriteOptions
        {
            Keys = keys, Identity = identity ?? Identity, SegmentBytes = segmentBytes, Compression = codec,
        });
        log.AppendBlock(BlockKind.Header, Header.ToBytes());
        log.AppendBlock(BlockKind.Configuration, "what the machine is"u8);
        var encoders = Enumerable.Range(0, Streams).Select(_ => new EventEncoder(Streams)).ToArray();
        var written = new ulong[Streams];
        for (int round = 0; round < Rounds; round++)
        {
            LogPosition last = default;
            for (int stream = 0; stream < Streams; stream++)
            {
                for (int index = 0; index < EventsARound; index++)
                    last = Append(log, encoders[stream], stream, ++written[stream], extra);
            }
            log.WaitForCommit(last);
        }
        if (complete)
            log.Complete();
        log.Dispose();
        return storage;
    }

    public static LogHeader Header { get; } = new()
    {
        Shape = new MachineShape { VcpuCount = 2, DeviceAgentCount = 1, MemoryBytes = 1 << 20, PageShift = 12, PseudoFrameCount = 1 },
        Clock = ClockKind.RetiredInstructions, Scope = OwnershipScope.Frames, DigestInterval = 0, Backend = "sample", Processor = "none",
        Guest = "sample", InitialState = 5,
    };

    // Every first event of a round waits for the last one of the round before of another stream.
    private static LogPosition Append(FileEventLog log, EventEncoder encoder, int stream, ulong number,
        Func<int, ulong, OrderingConstraint[]?>? extra)
    {
        bool isFirst = number % EventsARound == 1;
        OrderingConstraint[] constraints = extra?.Invoke(stream, number)
            ?? (isFirst && number > 1 ? [new OrderingConstraint((stream + 1) % Streams, number - 1)] : []);
        var one = new StreamEvent
        {
            Kind = constraints.Length > 0 || isFirst ? EventKind.Elevation : EventKind.Input,
            Place = PlaceKind.Count, Position = number * 10, Frame = number, NewRight = AccessRight.ReadWrite, Code = 3,
            HasBytes = constraints.Length == 0 && !isFirst,
        };
        var bytes = new byte[200];
        Assert.True(encoder.TryWrite(bytes, one, constraints, "some payload"u8, out int length));
        return log.Append(stream, bytes.AsSpan(0, length));
    }
}

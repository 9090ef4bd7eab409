using Determinism.Log;

namespace Determinism.Tests.Oracle;

/// <summary>All streams of a log, decoded.</summary>
internal static class DecodedLog
{
    public static DecodedEvent[][] Read(IEventLogReader log)
    {
        var streams = new DecodedEvent[log.StreamCount][];
        for (int stream = 0; stream < streams.Length; stream++)
            streams[stream] = [.. ReadStream(log, stream)];
        return streams;
    }

    /// <summary>Writes streams as they are, right or wrong, beside the blocks of another log.</summary>
    public static MemoryEventLog Write(DecodedEvent[][] streams, IEventLogReader blocksFrom, bool isComplete = true)
    {
        var log = new MemoryEventLog(streams.Length);
        for (BlockKind kind = BlockKind.Header; kind < BlockKind.Trailer; kind++)
        {
            if (kind != BlockKind.Events && blocksFrom.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                log.AppendBlock(kind, content.Span);
        }
        var buffer = new byte[1 << 16];
        for (int stream = 0; stream < streams.Length; stream++)
        {
            var encoder = new EventEncoder(streams.Length);
            foreach (DecodedEvent one in streams[stream])
            {
                Assert.True(encoder.TryWrite(buffer, one.Event, one.Constraints, one.Bytes, out int written));
                log.Append(stream, buffer.AsSpan(0, written));
            }
        }
        if (isComplete)
            log.Complete();
        return log;
    }

    private static List<DecodedEvent> ReadStream(IEventLogReader log, int stream)
    {
        var events = new List<DecodedEvent>();
        var decoder = new EventDecoder(log.StreamCount);
        long offset = 0;
        for (ReadOnlyMemory<byte> run; !(run = log.ReadEvents(stream, offset)).IsEmpty; offset += run.Length)
        {
            ReadOnlySpan<byte> rest = run.Span;
            while (!rest.IsEmpty)
            {
                Assert.Equal(ReadStatus.Read,
                    decoder.TryRead(rest, out StreamEvent one, out ReadOnlySpan<byte> bytes, out int consumed));
                events.Add(new DecodedEvent(one, decoder.Constraints.ToArray(), bytes.ToArray()));
                rest = rest[consumed..];
            }
        }
        return events;
    }
}

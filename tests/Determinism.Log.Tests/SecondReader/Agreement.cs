using Determinism.Log.Fuzz;

namespace Determinism.Log.Tests.SecondReader;

/// <summary>Holds the library's reader and the second one to each other.</summary>
internal static class Agreement
{
    /// <summary>Reads a folder with both.</summary>
    /// <returns>Number of events compared.</returns>
    public static long Check(IReadOnlyDictionary<string, byte[]> files, byte[]? encryption, byte[]? chain)
    {
        var second = new SecondLog(files, encryption, chain);
        var keys = new LogKeys(encryption, chain);
        using var first = new FileEventLogReader(new MemoryStorage(files), new LogReadOptions { Keys = keys });
        Assert.Equal(first.StreamCount, second.Streams);
        Assert.Equal(first.IsComplete, second.Completed);
        Assert.Equal(first.Identity.ToByteArray(), second.Identity);
        Assert.Equal(first.Tail.IgnoredBytes > 0, second.Torn);
        CheckBlocks(first, second);
        CheckHeader(first, second);
        long events = 0;
        for (int stream = 0; stream < second.Streams; stream++)
        {
            CheckStream(first.OpenStream(stream), second.Events[stream]);
            events += second.Events[stream].Count;
        }
        return events;
    }

    private static void CheckBlocks(FileEventLogReader first, SecondLog second)
    {
        LogBlockInfo[] blocks = [.. first.ReadBlocks()];
        Assert.Equal(blocks.Length, second.Blocks.Count);
        foreach ((LogBlockInfo mine, Block theirs) in blocks.Zip(second.Blocks))
        {
            Head head = theirs.Head;
            Assert.Equal(
                (mine.Segment, mine.Offset, mine.Sequence, (byte)mine.Kind, (byte)mine.Codec, mine.IsEncrypted),
                (theirs.Segment, theirs.At, (long)head.Sequence, head.Kind, head.Compression, head.Encrypted));
            Assert.Equal(
                (mine.StoredBytes, mine.PlainBytes, mine.EventBytes, mine.EventCount, mine.FirstEvent),
                (head.Stored, head.Plain, theirs.EventBytes, (int)head.Events, head.FirstEvent));
            Assert.Equal(
                (mine.FirstCount, mine.FirstExit, mine.LastCount, mine.LastExit, Math.Max(mine.Stream, 0)),
                (head.Count, head.Exit, head.LastCount, head.LastExit, head.Stream));
        }
        foreach (BlockKind kind in Enum.GetValues<BlockKind>().Where(static kind => kind is not (BlockKind.Events or BlockKind.Index)))
        {
            Assert.Equal(first.TryReadBlock(kind, out ReadOnlyMemory<byte> content), second.First((int)kind) is not null);
            Assert.Equal(content.ToArray(), second.First((int)kind)?.Plain ?? []);
        }
    }

    private static void CheckHeader(FileEventLogReader first, SecondLog second)
    {
        if (!first.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> content))
            return;
        LogHeader mine = LogHeader.FromBytes(content.Span);
        Header theirs = Header.Read(second.First(1)!.Plain);
        Assert.Equal(
            ((uint)mine.Version, (uint)mine.Shape.VcpuCount, (uint)mine.Shape.DeviceAgentCount, mine.Shape.MemoryBytes),
            (theirs.Version, theirs.Vcpus, theirs.Devices, theirs.Memory));
        Assert.Equal(
            ((uint)mine.Shape.PageShift, (uint)mine.Shape.PseudoFrameCount, (byte)mine.Clock, (byte)mine.Scope),
            (theirs.PageShift, theirs.PseudoFrames, theirs.Clock, theirs.Scope));
        Assert.Equal(((uint)mine.DigestInterval, mine.InitialState), (theirs.DigestInterval, theirs.InitialState));
        Assert.Equal(mine.BeginsAtCheckpoint, theirs.BeginsAtCheckpoint);
        Assert.Equal((mine.Backend, mine.Processor, mine.Guest), (theirs.Backend, theirs.Processor, theirs.Guest));
        Assert.Equal(mine.SharedFrames.Select(static range => (range.First, range.Count)),
            theirs.ReadOnly.Select(static range => (range.First, range.Count)));
        Assert.Equal(mine.PrivateFrames.Select(static one => (one.Range.First, one.Range.Count, (uint?)one.Agent)),
            theirs.Private.Select(static range => (range.First, range.Count, range.Agent)));
    }

    private static void CheckStream(EventCursor cursor, List<LogEvent> events)
    {
        foreach (LogEvent theirs in events)
        {
            Assert.True(cursor.MoveToNext());
            Assert.True(IsAlike(cursor, theirs), $"event {cursor.Consumed + 1}: {EventText.Describe(cursor.Next)}, {theirs}");
            Assert.Equal(cursor.Constraints.ToArray(),
                theirs.Causes.Select(static cause => new OrderingConstraint(cause.Stream, cause.Event)));
            cursor.Consume();
        }
        Assert.False(cursor.MoveToNext());
    }

    /// <summary>Whether two readers' events say the same, but for what they wait for.</summary>
    public static bool IsAlike(EventCursor cursor, LogEvent theirs)
    {
        StreamEvent mine = cursor.Next;
        return ((byte)mine.Kind, mine.Place == PlaceKind.Exit, mine.Position, mine.Check, mine.Frame, mine.Code, mine.Value)
                == ((byte)theirs.What, theirs.AtExit, theirs.AtExit ? theirs.Exit : theirs.Count, theirs.Check, theirs.Frame,
                    theirs.Code, theirs.Value)
            && (mine.OldRight, mine.NewRight) == Rights(theirs) && mine.HasBytes == (theirs.Bytes is not null)
            && cursor.Bytes.SequenceEqual(theirs.Bytes);
    }

    private static (AccessRight Old, AccessRight New) Rights(LogEvent one) => one.What switch
    {
        What.Elevation => (AccessRight.None, one.A ? AccessRight.ReadWrite : AccessRight.Read),
        What.Reduction => (one.B ? AccessRight.ReadWrite : AccessRight.Read, one.A ? AccessRight.Read : AccessRight.None),
        _ => (AccessRight.None, AccessRight.None),
    };
}

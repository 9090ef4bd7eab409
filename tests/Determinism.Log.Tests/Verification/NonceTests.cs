using System.Buffers.Binary;

namespace Determinism.Log.Tests.Verification;

/// <summary>Two logs of one identity under one secret would be encrypted with the same nonces: a copy must have its own.</summary>
public class NonceTests
{
    private static readonly LogReadOptions s_read = new() { Keys = SampleLog.AllKeys };

    private static LogWriteOptions Write(Guid identity) => new() { Keys = SampleLog.AllKeys, Identity = identity };

    [Fact]
    public void A_repaired_log_is_not_encrypted_under_the_identity_of_the_first()
    {
        MemoryStorage source = SampleLog.Write(SampleLog.AllKeys);
        var target = new MemoryStorage();
        Assert.Throws<ArgumentException>(() => LogRepair.Repair(source, target, s_read, Write(SampleLog.Identity)));
        Assert.DoesNotContain(target.Files.Values, static file => file.Length > SegmentStart.Size);
        Assert.True(LogRepair.Repair(source, new MemoryStorage(), s_read, Write(new Guid(1, 2, 3, new byte[8]))).IsWhole);
    }

    [Fact]
    public void A_copy_is_not_encrypted_under_the_identity_of_the_first()
    {
        using var reader = new FileEventLogReader(SampleLog.Write(SampleLog.AllKeys), s_read);
        foreach (IEventLogReader log in new IEventLogReader[] { reader, ClosedLog.Of(reader) })
        {
            foreach (Action<IEventLog> copy in new Action<IEventLog>[] { to => LogCopy.CopyTo(log, to), to => new LogRedaction().WriteTo(log, to) })
            {
                var storage = new MemoryStorage();
                using var same = new FileEventLog(storage, SampleLog.Streams, Write(SampleLog.Identity));
                Assert.Throws<ArgumentException>(() => copy(same));
                Assert.DoesNotContain(storage.Files.Values, static file => file.Length > SegmentStart.Size);
                using var other = new FileEventLog(new MemoryStorage(), SampleLog.Streams, Write(new Guid(1, 2, 3, new byte[8])));
                copy(other);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(24)]
    public void A_block_longer_than_any_array_is_damage(int at)
    {
        var bytes = new byte[BlockHeader.Size];
        var header = new BlockHeader { Kind = BlockKind.DiskImage };
        header.WriteTo(bytes);
        header.Seal(bytes);
        Assert.True(BlockHeader.TryRead(bytes, out _));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), int.MaxValue);
        header.Seal(bytes);
        Assert.False(BlockHeader.TryRead(bytes, out _));
    }
}

using System.Buffers.Binary;
using Determinism.Log.Fuzz;

namespace Determinism.Log.Tests.Hostile;

/// <summary>What the mutations found, one by one.</summary>
public class FoundTests
{
    private static readonly SourceLog[] s_sources = SourceLog.MakeAll();

    private static SourceLog Source(string name) => s_sources.First(source => source.Name == name);

    [Fact]
    public void A_stream_that_begins_after_its_start_is_damage()
    {
        LogModel model = Source("small segments").Model.Copy();
        ModelBlock first = model.Segments[0].Blocks.First(static block => block.Kind == 2);
        BinaryPrimitives.WriteInt64LittleEndian(first.Header.AsSpan(40), 1000);
        Assert.Throws<LogDamagedException>(() => ReadAll(model.ToFiles(Repairs.Indexes), null));
    }

    [Fact]
    public void A_manifest_that_lets_a_stream_begin_later_does_not_end_it_early()
    {
        SourceLog source = Source("small segments");
        LogModel model = source.Model.Copy();
        int at = 40 + 24 + (3 * 32) + 24 + 8;
        BinaryPrimitives.WriteInt64LittleEndian(model.Manifest.AsSpan(at), long.MaxValue / 2);
        BinaryPrimitives.WriteInt64LittleEndian(model.Manifest.AsSpan(at + 24 + (3 * 32)), long.MaxValue / 2);
        Assert.Throws<LogDamagedException>(() => ReadAll(model.ToFiles(Repairs.None), null));
    }

    [Fact]
    public void A_block_in_the_clear_is_no_block_of_an_encrypted_log()
    {
        SourceLog source = Source("encrypted");
        LogModel model = source.Model.Copy();
        ModelBlock[] events = [.. model.Segments[0].Blocks.Where(static block => block.Kind == 2)];
        ModelBlock plain = Source("plain").Model.Segments[0].Blocks.First(static block => block.Kind == 2);
        events[0].Header[7] = 0;
        events[0].Store(plain.Stored);
        Assert.Throws<LogDamagedException>(() => ReadAll(model.ToFiles(Repairs.All), source.Keys));
    }

    [Fact]
    public void A_gap_between_segments_is_damage_without_a_manifest_too()
    {
        LogModel model = Source("small segments").Model.Copy();
        model.Segments.RemoveAt(1);
        BinaryPrimitives.WriteInt32LittleEndian(model.Segments[1].Start.AsSpan(12), 1);
        model.Manifest = [];
        SortedDictionary<string, byte[]> files = model.ToFiles(Repairs.None);
        Assert.Contains("does not go on", Assert.Throws<LogDamagedException>(() => ReadAll(files, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, int.MaxValue)]
    [InlineData(8, int.MaxValue)]
    [InlineData(8, -1)]
    [InlineData(20, 31)]
    [InlineData(24, -1)]
    [InlineData(28, 4)]
    [InlineData(29, 2)]
    public void A_header_of_a_shape_that_cannot_be_is_damage(int at, int value)
    {
        byte[] header = [.. Corpus.Header().ToBytes()];
        Assert.Equal(header, LogHeader.FromBytes(header).ToBytes());
        if (at is 28 or 29)
            header[at] = (byte)value;
        else
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(at), value);
        Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes(header));
    }

    [Fact]
    public void A_header_with_frames_that_are_not_there_or_more_than_a_header_is_damage()
    {
        LogHeader header = Corpus.Header();
        Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes(
            (header with { SharedFrames = [new FrameRange(ulong.MaxValue, 2)] }).ToBytes()));
        Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes(
            (header with { PrivateFrames = [new OwnedFrames(3, new FrameRange(0, 1))] }).ToBytes()));
        Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes([.. header.ToBytes(), 0]));
    }

    private static void ReadAll(SortedDictionary<string, byte[]> files, LogKeys? keys)
    {
        using var log = new FileEventLogReader(new MemoryStorage(files), new LogReadOptions { Keys = keys });
        LogProbe.DigestsOf(log);
    }
}

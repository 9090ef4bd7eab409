namespace Determinism.Log.Tests.SecondReader;

/// <summary>A place in the index of a closed segment.</summary>
internal sealed record IndexEntry(
    ulong At, byte Kind, byte Stream, uint EventBytes, ulong FirstEvent, ulong BytesBefore, ulong Count, ulong Exit);

internal sealed record Stand(ulong NextEvent, ulong Bytes, ulong Count, ulong Exit);

internal sealed record ListedSegment(ulong Length, ulong First, ulong After, Stand[] Streams);

internal sealed record Manifest(int Streams, byte[] Identity, bool Completed, int Base, int First, ListedSegment[] Segments)
{
    /// <summary>Index of a segment in the list; -1 if it is not listed.</summary>
    public int IndexOf(int number) => number < Base ? number : number >= First ? number - First + Base : -1;

    public static Manifest Read(ReadOnlyMemory<byte> bytes)
    {
        if (Crc.Of(bytes.Span[..^4]) != new Input(bytes[^4..]).UInt32())
            throw new NotALogException("the manifest's checksum");
        var at = new Input(bytes[..^4]);
        if (!at.Bytes(8).AsSpan().SequenceEqual("DETLOGMF"u8) || at.UInt16() is not (1 or 2))
            throw new NotALogException("not a manifest of version 1 or 2");
        int streams = at.UInt16();
        uint count = at.UInt32();
        byte[] identity = at.Bytes(16);
        bool completed = at.Byte() != 0;
        at.Bytes(1);
        (int @base, int first) = (at.UInt16(), (int)at.UInt32());
        var segments = new List<ListedSegment>();
        for (uint i = 0; i < count; i++)
        {
            segments.Add(new ListedSegment(at.UInt64(), at.UInt64(), at.UInt64(),
                [.. Enumerable.Range(0, streams).Select(_ => new Stand(at.UInt64(), at.UInt64(), at.UInt64(), at.UInt64()))]));
        }
        return at.Left == 0
            ? new Manifest(streams, identity, completed, @base, first, [.. segments])
            : throw new NotALogException("more than a manifest");
    }
}

internal sealed record SharedRange(ulong First, ulong Count, uint? Agent);

internal sealed record Header(
    uint Version, uint Vcpus, uint Devices, ulong Memory, uint PageShift, uint PseudoFrames, byte Clock, byte Scope,
    uint DigestInterval, string Backend, string Processor, string Guest, ulong InitialState,
    SharedRange[] ReadOnly, SharedRange[] Private)
{
    public bool BeginsAtCheckpoint { get; private init; }

    public static Header Read(byte[] bytes)
    {
        var at = new Input(bytes);
        var header = new Header(at.UInt32(), at.UInt32(), at.UInt32(), at.UInt64(), at.UInt32(), at.UInt32(), at.Byte(),
            at.Byte(), at.UInt32(), at.Text(), at.Text(), at.Text(), at.UInt64(),
            [.. Enumerable.Range(0, (int)at.UInt32()).Select(_ => new SharedRange(at.UInt64(), at.UInt64(), null))],
            [.. Enumerable.Range(0, (int)at.UInt32()).Select(_ => new SharedRange(at.UInt64(), at.UInt64(), at.UInt32()))]);
        if (at.Left > 0)
            header = header with { BeginsAtCheckpoint = at.Byte() == 1 ? true : throw new NotALogException("begins nowhere") };
        return at.Left == 0 ? header : throw new NotALogException("more than a header");
    }
}

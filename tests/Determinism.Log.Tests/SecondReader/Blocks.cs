using System.Security.Cryptography;

namespace Determinism.Log.Tests.SecondReader;

/// <summary>A block's header, as the table has it.</summary>
internal sealed record Head(
    int Stored, byte Kind, byte Stream, byte Compression, byte Flags, ulong Sequence, ulong DurableBefore, int Plain,
    uint Events, ulong FirstEvent, ulong BytesBefore, ulong Count, ulong Exit, ulong LastCount, ulong LastExit,
    int State, uint Crc)
{
    public const int Size = 96;

    public bool Encrypted => (Flags & 1) != 0;

    public bool Opaque => (Flags & 2) != 0;

    /// <summary>Null where there is no header with a right checksum.</summary>
    public static Head? TryRead(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < Size || SecondReader.Crc.Of(bytes.Span[..92]) != new Input(bytes[92..]).UInt32())
            return null;
        var at = new Input(bytes);
        uint stored = at.UInt32();
        (byte kind, byte stream, byte compression, byte flags) = (at.Byte(), at.Byte(), at.Byte(), at.Byte());
        (ulong sequence, ulong durable) = (at.UInt64(), at.UInt64());
        (uint plain, uint events) = (at.UInt32(), at.UInt32());
        (ulong first, ulong before) = (at.UInt64(), at.UInt64());
        (ulong count, ulong exit, ulong lastCount, ulong lastExit) =
            (at.UInt64(), at.UInt64(), at.UInt64(), at.UInt64());
        uint state = at.UInt32();
        at.UInt32();
        return stored > int.MaxValue || plain > int.MaxValue || state > plain
            ? throw new NotALogException("a length of 2^31 or more")
            : new Head((int)stored, kind, stream, compression, flags, sequence, durable, (int)plain, events, first,
                before, count, exit, lastCount, lastExit, (int)state, at.UInt32());
    }
}

/// <summary>A block, where it is and what it says.</summary>
internal sealed record Block(int Segment, int At, Head Head, byte[] Plain)
{
    public int EventBytes => Head.Kind == 2 ? Head.Opaque ? Head.Plain : Head.Plain - Head.State : 0;
}

/// <summary>What was made of the caller's secrets.</summary>
internal sealed class Keys(byte[]? encryption, byte[]? chain, byte[] identity)
{
    private readonly byte[]? _encryption = Derive(encryption, "determinism log encryption", identity);
    private readonly byte[]? _chain = Derive(chain, "determinism log chain", identity);
    private byte[] _link = new byte[32];

    private static byte[]? Derive(byte[]? secret, string purpose, byte[] identity) => secret is null
        ? null
        : HMACSHA256.HashData(secret, (byte[])[.. System.Text.Encoding.ASCII.GetBytes(purpose), .. identity]);

    /// <summary>Takes the chain further over what follows; null without the secret.</summary>
    public byte[]? Link(ReadOnlySpan<byte> bytes) => _chain is null
        ? null
        : _link = HMACSHA256.HashData(_chain, (byte[])[.. _link, .. bytes]);

    /// <summary>Behind what was dropped.</summary>
    public void GoOnFrom(byte[] link) => _link = link;

    public byte[] Decrypt(ReadOnlySpan<byte> head, Head block, ReadOnlySpan<byte> stored)
    {
        using var cipher = new AesGcm(_encryption ?? throw new NotALogException("no key"), 16);
        byte[] plain = new byte[stored.Length - 16];
        cipher.Decrypt([.. BitConverter.GetBytes(block.Sequence), 0, 0, 0, 0], stored[..^16], stored[^16..], plain, head[..88]);
        return plain;
    }
}

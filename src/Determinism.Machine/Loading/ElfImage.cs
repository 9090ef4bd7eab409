using System.Buffers.Binary;
using System.Text;

namespace Determinism.Machine;

/// <summary>A static ELF64 program for x86-64: what of it goes into memory, where it starts, what its symbols are.</summary>
public sealed class ElfImage
{
    private const int HeaderBytes = 64;
    private const int SegmentBytes = 56;
    private const int SectionBytes = 64;
    private const int SymbolBytes = 24;
    private const ushort MachineX64 = 62;
    private const ushort TypeExecutable = 2;
    private const uint SegmentLoad = 1;
    private const uint SectionSymbols = 2;
    private const string ReleaseSection = ".determinism.release";

    private readonly byte[] _file;

    private ElfImage(byte[] file, ulong entry, IReadOnlyList<ElfSegment> segments, IReadOnlyList<ElfSymbol> symbols,
        IReadOnlyList<ulong> releaseEnds)
    {
        _file = file;
        Entry = entry;
        Segments = segments;
        Symbols = symbols;
        ReleaseEnds = releaseEnds;
    }

    /// <summary>Where vCPU 0 starts.</summary>
    public ulong Entry { get; }

    /// <summary>What is loaded.</summary>
    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>Named places, by ascending address; empty if the file was stripped.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; }

    /// <summary>Where the program's release stores end, each the address after the instruction; empty if the file tells of
    /// none. What the section <c>.determinism.release</c> holds (docs/guest-abi.md).</summary>
    public IReadOnlyList<ulong> ReleaseEnds { get; }

    /// <summary>The file.</summary>
    public ReadOnlyMemory<byte> File => _file;

    /// <summary>Reads a program.</summary>
    /// <param name="file">The file's content; copied.</param>
    /// <exception cref="GuestLoadException">It is not a program that this machine runs.</exception>
    public static ElfImage Parse(ReadOnlySpan<byte> file)
    {
        byte[] copy = file.ToArray();
        try
        {
            return Parse(copy);
        }
        catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new GuestLoadException("The program file is cut off or damaged.", error);
        }
    }

    /// <summary>The bytes of a segment that the file holds.</summary>
    /// <param name="segment">The segment.</param>
    public ReadOnlySpan<byte> Content(ElfSegment segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        return _file.AsSpan(segment.FileOffset, segment.FileBytes);
    }

    /// <summary>Some bytes of the program as loaded.</summary>
    /// <param name="address">Where they are in memory.</param>
    /// <param name="length">How many.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Whether the file holds them, all in one segment.</returns>
    public bool TryRead(ulong address, ulong length, out ReadOnlySpan<byte> bytes)
    {
        foreach (ElfSegment segment in Segments)
        {
            ulong offset = address - segment.Address;
            if (offset < (ulong)segment.FileBytes && length <= (ulong)segment.FileBytes - offset)
            {
                bytes = Content(segment).Slice((int)offset, (int)length);
                return true;
            }
        }
        bytes = default;
        return false;
    }

    /// <summary>The symbol that an address lies in, as text, or the address.</summary>
    /// <param name="address">The address.</param>
    public string NameOf(ulong address)
    {
        for (int index = Symbols.Count - 1; index >= 0; index--)
        {
            ElfSymbol symbol = Symbols[index];
            if (symbol.Address <= address && address < symbol.Address + Math.Max(symbol.Bytes, 1))
                return address == symbol.Address ? symbol.Name : $"{symbol.Name}+0x{address - symbol.Address:X}";
        }
        return $"0x{address:X}";
    }

    private static ElfImage Parse(byte[] file)
    {
        ReadOnlySpan<byte> span = file;
        if (span.Length < HeaderBytes || !span[..4].SequenceEqual("\u007fELF"u8) || span[4] != 2 || span[5] != 1
            || Read16(span, 18) != MachineX64)
            throw new GuestLoadException("The program is not a little-endian ELF64 file for x86-64.");
        if (Read16(span, 16) != TypeExecutable)
            throw new GuestLoadException("The program is not a static executable at fixed addresses.");

        var segments = new List<ElfSegment>();
        int table = checked((int)Read64(span, 32));
        for (int index = 0; index < Read16(span, 56); index++)
        {
            ReadOnlySpan<byte> entry = span.Slice(table + (index * SegmentBytes), SegmentBytes);
            if (Read32(entry, 0) != SegmentLoad || Read64(entry, 40) == 0)
                continue;
            var segment = new ElfSegment(Read64(entry, 16), Read64(entry, 40), checked((int)Read64(entry, 8)),
                checked((int)Read64(entry, 32)), (Read32(entry, 4) & 1) != 0, (Read32(entry, 4) & 2) != 0);
            _ = span.Slice(segment.FileOffset, segment.FileBytes);
            segments.Add(segment);
        }
        return new ElfImage(file, Read64(span, 24), segments, ReadSymbols(span), ReadReleases(span));
    }

    private static List<ulong> ReadReleases(ReadOnlySpan<byte> span)
    {
        var ends = new List<ulong>();
        int table = checked((int)Read64(span, 40));
        int count = Read16(span, 60);
        int names = Read16(span, 62);
        if (names >= count)
            return ends;
        ReadOnlySpan<byte> texts = SectionContent(span, span.Slice(table + (names * SectionBytes)));
        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> section = span.Slice(table + (index * SectionBytes), SectionBytes);
            ReadOnlySpan<byte> name = texts[Read32AsInt(section, 0)..];
            if (!Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]).Equals(ReleaseSection, StringComparison.Ordinal))
                continue;
            ReadOnlySpan<byte> content = SectionContent(span, section);
            for (int at = 0; at + sizeof(ulong) <= content.Length; at += sizeof(ulong))
                ends.Add(Read64(content, at));
        }
        return ends;
    }

    private static List<ElfSymbol> ReadSymbols(ReadOnlySpan<byte> span)
    {
        var symbols = new List<ElfSymbol>();
        int table = checked((int)Read64(span, 40));
        int count = Read16(span, 60);
        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> section = span.Slice(table + (index * SectionBytes), SectionBytes);
            if (Read32(section, 4) != SectionSymbols)
                continue;
            ReadOnlySpan<byte> names = SectionContent(span, span.Slice(table + (Read32AsInt(section, 40) * SectionBytes)));
            ReadOnlySpan<byte> entries = SectionContent(span, section);
            for (int at = 0; at + SymbolBytes <= entries.Length; at += SymbolBytes)
                AddSymbol(symbols, entries.Slice(at, SymbolBytes), names);
        }
        symbols.Sort((left, right) => left.Address.CompareTo(right.Address));
        return symbols;
    }

    private static void AddSymbol(List<ElfSymbol> symbols, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> names)
    {
        const int TypeObject = 1;
        const int TypeFunction = 2;
        int type = entry[4] & 0xF;
        if (type is not (TypeObject or TypeFunction))
            return;
        ReadOnlySpan<byte> name = names[Read32AsInt(entry, 0)..];
        string text = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
        symbols.Add(new ElfSymbol(text, Read64(entry, 8), Read64(entry, 16), type == TypeFunction));
    }

    private static ReadOnlySpan<byte> SectionContent(ReadOnlySpan<byte> span, ReadOnlySpan<byte> section) =>
        span.Slice(checked((int)Read64(section, 24)), checked((int)Read64(section, 32)));

    private static ushort Read16(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt16LittleEndian(span[at..]);

    private static uint Read32(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt32LittleEndian(span[at..]);

    private static int Read32AsInt(ReadOnlySpan<byte> span, int at) => checked((int)Read32(span, at));

    private static ulong Read64(ReadOnlySpan<byte> span, int at) => BinaryPrimitives.ReadUInt64LittleEndian(span[at..]);
}

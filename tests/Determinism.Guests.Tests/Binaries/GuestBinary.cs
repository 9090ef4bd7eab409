using System.Buffers.Binary;
using System.Text;

namespace Determinism.Guests.Tests.Binaries;

/// <summary>A committed guest binary, as far as the tests read ELF64.</summary>
internal sealed class GuestBinary
{
    private readonly byte[] _file;

    private GuestBinary(byte[] file)
    {
        _file = file;
        var sections = ReadSections();
        Functions = ReadFunctions(sections);
        SectionNames = [.. sections.Select(section => section.Name)];
        Segments = ReadSegments();
        var text = sections.Single(section => section.Name == ".text");
        TextAddress = text.Address;
        Text = file.AsMemory((int)text.Offset, (int)text.Size);
    }

    /// <summary>The names of all committed guests.</summary>
    public static IEnumerable<string> Names =>
        Directory.GetFiles(Folder, "*.elf").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static string SourceFolder { get; } = FindSourceFolder();

    public static string Folder => Path.Combine(SourceFolder, "bin");

    public ulong TextAddress { get; }

    public ReadOnlyMemory<byte> Text { get; }

    public IReadOnlyList<(string Name, ulong Address, ulong Size)> Functions { get; }

    public IReadOnlyList<string> SectionNames { get; }

    public IReadOnlyList<(uint Flags, ulong Address, ulong Size)> Segments { get; }

    public ulong Entry => U64(24);

    public ReadOnlySpan<byte> File => _file;

    public static GuestBinary Read(string name) => new(System.IO.File.ReadAllBytes(Path.Combine(Folder, name + ".elf")));

    private List<Section> ReadSections()
    {
        int table = (int)U64(0x28), count = U16(0x3C), names = U16(0x3E);
        Section At(int index, string name)
        {
            var at = table + index * 64;
            return new(name, U32(at + 4), U64(at + 0x10), U64(at + 0x18), U64(at + 0x20), U32(at + 0x28));
        }

        var nameTable = At(names, "");
        return [.. Enumerable.Range(0, count).Select(i => At(i, Name(nameTable, U32(table + i * 64))))];
    }

    private List<(string Name, ulong Address, ulong Size)> ReadFunctions(List<Section> sections)
    {
        const uint SymbolTable = 2, Function = 2;
        var functions = new List<(string, ulong, ulong)>();
        var symbols = sections.Single(section => section.Kind == SymbolTable);
        for (var at = (int)symbols.Offset; at < (int)(symbols.Offset + symbols.Size); at += 24)
        {
            if ((_file[at + 4] & 15u) == Function)
                functions.Add((Name(sections[(int)symbols.Link], U32(at)), U64(at + 8), U64(at + 16)));
        }
        functions.Sort((a, b) => a.Item2.CompareTo(b.Item2));
        return functions;
    }

    private List<(uint Flags, ulong Address, ulong Size)> ReadSegments()
    {
        int table = (int)U64(0x20), count = U16(0x38);
        return [.. Enumerable.Range(0, count).Select(i => table + i * 56).Select(at => (U32(at + 4), U64(at + 0x10), U64(at + 0x28)))];
    }

    private string Name(in Section table, uint offset)
    {
        var bytes = _file.AsSpan((int)(table.Offset + offset));
        return Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(at));

    private static string FindSourceFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var candidate = Path.Combine(at.FullName, "samples", "Guests");
            if (Directory.Exists(Path.Combine(candidate, "runtime")))
                return candidate;
        }
        throw new InvalidOperationException("the tests run inside the repository");
    }

    private readonly record struct Section(string Name, uint Kind, ulong Address, ulong Offset, ulong Size, uint Link);
}

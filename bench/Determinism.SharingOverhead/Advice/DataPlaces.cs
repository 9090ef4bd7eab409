using Determinism.Machine;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.SharingOverhead.Advice;

/// <summary>Which data of a program lie in which frame, and which of them an instruction is at.</summary>
internal sealed class DataPlaces(ElfImage image, int pageShift)
{
    private readonly InstructionReader _reader = new();

    /// <summary>The variables that a frame holds, whole or in part.</summary>
    public IReadOnlyList<string> SymbolsIn(ulong frame) => [.. DataIn(frame).Select(static symbol => symbol.Name)];

    /// <summary>What a frame without variables belongs to.</summary>
    public string RegionOf(ulong frame)
    {
        ulong address = frame << pageShift, end = image.Segments.Max(static segment => segment.Address + segment.MemoryBytes);
        return address >= end ? $"heap or stack at 0x{address:X}, 0x{address - end:X} after the program"
            : $"no variable, at 0x{address:X}";
    }

    public string NameOf(ulong instruction) => image.NameOf(instruction);

    /// <summary>The variables of a frame that some instructions name in their operands. Those that go through a pointer
    /// name none: their frame's only variable is meant, if there is but one.</summary>
    public IReadOnlySet<string> Accessed(IEnumerable<ulong> instructions, ulong frame)
    {
        ElfSymbol[] data = [.. DataIn(frame)];
        var names = new HashSet<string>();
        foreach (ulong address in instructions)
        {
            if (Named(address, data) is { } symbol)
                names.Add(symbol.Name);
            else
                return new HashSet<string>(); // at something unknown: no verdict
        }
        return names;
    }

    private ElfSymbol? Named(ulong instruction, ElfSymbol[] data)
    {
        if (data.Length == 1)
            return data[0];
        if (!image.TryRead(instruction, 1, out _) || !TryDecode(instruction, out Instruction decoded))
            return null;
        // Absolute or relative to RIP: Iced gives the target of the latter as its displacement.
        ulong place = decoded.MemoryDisplacement64;
        return data.FirstOrDefault(symbol => place >= symbol.Address && place < symbol.Address + Math.Max(symbol.Bytes, 1));
    }

    private bool TryDecode(ulong address, out Instruction decoded)
    {
        decoded = default;
        for (ulong length = InstructionReader.MaximumLength; length > 0; length--)
        {
            if (image.TryRead(address, length, out ReadOnlySpan<byte> code))
                return _reader.TryRead(code, address, out decoded);
        }
        return false;
    }

    private IEnumerable<ElfSymbol> DataIn(ulong frame)
    {
        ulong from = frame << pageShift, to = (frame + 1) << pageShift;
        return image.Symbols.Where(symbol => !symbol.IsFunction && symbol.Address < to
            && symbol.Address + Math.Max(symbol.Bytes, 1) > from);
    }
}

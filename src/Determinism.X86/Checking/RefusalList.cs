using System.Globalization;
using Iced.Intel;

namespace Determinism.X86;

/// <summary>Gathers refusals: one for each address and kind, however many ways lead there.</summary>
internal sealed class RefusalList
{
    private readonly SortedDictionary<(ulong Address, CodeRefusalKind Kind), CodeRefusal> _refusals = [];

    public void Add(CodeRefusalKind kind, in Instruction instruction, string reason)
    {
        if (!_refusals.ContainsKey((instruction.IP, kind)))
            Add(kind, instruction.IP, Disassembler.Text(instruction), reason);
    }

    public void Add(CodeRefusalKind kind, ulong address, string text, string reason) =>
        _refusals.TryAdd((address, kind), new CodeRefusal(kind, address, text, reason));

    public IReadOnlyList<CodeRefusal> ToList() => [.. _refusals.Values];

    /// <summary>An instruction and its address, to be named in another one's reason.</summary>
    public static string Name(in Instruction instruction) =>
        string.Create(CultureInfo.InvariantCulture, $"0x{instruction.IP:x}: {Disassembler.Text(instruction)}");
}

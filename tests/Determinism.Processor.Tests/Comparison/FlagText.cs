using Iced.Intel;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>Flags as snippets save them: overflow in bit 0, the others where LAHF puts them in bits 8 to 15.</summary>
internal static class FlagText
{
    private static readonly (RflagsBits Flag, ushort Bit)[] _flags =
    [
        (RflagsBits.OF, 1), (RflagsBits.SF, 0x8000), (RflagsBits.ZF, 0x4000), (RflagsBits.AF, 0x1000), (RflagsBits.PF, 0x400),
        (RflagsBits.CF, 0x100),
    ];

    public static ushort Mask(uint flags)
    {
        var mask = 0;
        foreach (var (flag, bit) in _flags)
            mask |= (flags & (uint)flag) != 0 ? bit : 0;
        return (ushort)mask;
    }

    public static string Of(ushort saved)
    {
        var set = _flags.Where(f => (saved & f.Bit) != 0).Select(f => f.Flag.ToString());
        return "{" + string.Join(' ', set) + "}";
    }
}

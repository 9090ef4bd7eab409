using Determinism.Machine;
using Iced.Intel;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>Which arithmetic flags the program reads before it writes them.</summary>
/// <remarks>With the software counter a poll leaves in the others how the count compares with the monitor's limit, and processors
/// what they leave undefined.</remarks>
internal static class LiveFlags
{
    private const int MostInstructions = 16;

    private static readonly (RflagsBits Bit, ulong Flag)[] s_flags =
    [
        (RflagsBits.CF, 1), (RflagsBits.PF, 4), (RflagsBits.AF, 0x10), (RflagsBits.ZF, 0x40), (RflagsBits.SF, 0x80),
        (RflagsBits.OF, 0x800),
    ];

    public static ulong At(GuestMemory memory, ulong address)
    {
        if (address == 0 || address >= memory.Size)
            return 0;
        int length = (int)Math.Min(memory.Size - address, MostInstructions * 15UL);
        var decoder = Decoder.Create(64, memory.Slice(address, length).ToArray(), address);
        RflagsBits read = 0, written = 0;
        for (int count = 0; count < MostInstructions && decoder.IP < address + (ulong)length; count++)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid)
                break;
            read |= instruction.RflagsRead & ~written;
            written |= instruction.RflagsModified;
            if (instruction.FlowControl != FlowControl.Next)
                break;
        }
        ulong live = 0;
        foreach ((RflagsBits bit, ulong flag) in s_flags)
            live |= (read & bit) != 0 ? flag : 0;
        return live;
    }
}

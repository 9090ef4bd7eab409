using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>What code does to the flags, as masks of <see cref="RflagsBits"/>.</summary>
/// <param name="Read">Flags that it reads.</param>
/// <param name="Written">Flags that it gives a defined value in any case.</param>
/// <param name="Undefined">Flags that it leaves undefined.</param>
internal readonly record struct FlagEffects(uint Read, uint Written, uint Undefined)
{
    public const uint Status = (uint)(RflagsBits.OF | RflagsBits.SF | RflagsBits.ZF | RflagsBits.AF | RflagsBits.CF | RflagsBits.PF);

    /// <summary>Which flags are undefined afterwards.</summary>
    public uint After(uint undefinedBefore) => (undefinedBefore & ~Written) | Undefined;

    public FlagEffects Then(FlagEffects next) =>
        new(Read | (next.Read & ~Written), Written | next.Written, (Undefined & ~next.Written) | next.Undefined);

    /// <summary>Effects of one instruction.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="count">The shift count, or the repeat count, if the generator has chosen it; otherwise null.</param>
    public static FlagEffects Of(in Instruction instruction, ulong? count)
    {
        if (count is { } known)
        {
            switch (instruction.Mnemonic)
            {
                case Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sal or Mnemonic.Sar or Mnemonic.Shld or Mnemonic.Shrd:
                case Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr:
                    return OfShift(instruction, known);
            }
            if (instruction.HasRepPrefix || instruction.HasRepnePrefix)
                return known == 0 ? default : General(instruction);
        }
        return General(instruction);
    }

    private static FlagEffects General(in Instruction instruction)
    {
        var undefined = (uint)instruction.RflagsUndefined & Status;
        return new FlagEffects(
            (uint)instruction.RflagsRead & Status,
            (uint)instruction.RflagsModified & Status & ~undefined,
            undefined);
    }

    private static FlagEffects OfShift(in Instruction instruction, ulong rawCount)
    {
        var bits = OperandBits(instruction);
        var count = (int)(rawCount & (bits == 64 ? 63UL : 31UL));
        var carryIn = instruction.Mnemonic is Mnemonic.Rcl or Mnemonic.Rcr;
        var read = carryIn ? (uint)RflagsBits.CF : 0;
        if (count == 0)
            return new FlagEffects(read, 0, 0);
        var overflow = count == 1 ? 0 : (uint)RflagsBits.OF;
        if (carryIn || instruction.Mnemonic is Mnemonic.Rol or Mnemonic.Ror)
        {
            // A rotation through carry by a multiple of its length leaves CF as it was.
            var full = carryIn && count % (bits + 1) == 0;
            return new FlagEffects(read, (uint)(full ? 0 : RflagsBits.CF) | ((uint)RflagsBits.OF & ~overflow), overflow);
        }
        var undefined = overflow | (uint)RflagsBits.AF;
        if (count >= bits && instruction.Mnemonic is not Mnemonic.Sar)
            undefined |= (uint)RflagsBits.CF;
        return new FlagEffects(0, Status & ~undefined, undefined);
    }

    private static int OperandBits(in Instruction instruction) =>
        8 * (instruction.Op0Kind == OpKind.Register ? instruction.Op0Register.GetSize() : instruction.MemorySize.GetSize());
}

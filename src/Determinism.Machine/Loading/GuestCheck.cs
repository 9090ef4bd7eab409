using Determinism.X86;
using Iced.Intel;

namespace Determinism.Machine;

/// <summary>Looks through a guest's functions for instructions that could not be replayed, before anything runs.</summary>
/// <remarks>What is not in a named function is met when it is reached: the processor refuses it then.</remarks>
public static class GuestCheck
{
    private const int MostReported = 10;

    /// <summary>The reasons to refuse the guest: address, function, instruction, and why; none if all is well.</summary>
    /// <param name="image">The guest.</param>
    public static IReadOnlyList<string> FindObstacles(ElfImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var obstacles = new List<string>();
        var reader = new InstructionReader();
        foreach (ElfSymbol function in image.Symbols)
        {
            if (function.IsFunction && function.Bytes > 0 && image.TryRead(function.Address, function.Bytes, out var code))
                Check(image, reader, code, function.Address, obstacles);
        }
        if (obstacles.Count > MostReported)
        {
            int rest = obstacles.Count - MostReported;
            obstacles.RemoveRange(MostReported, rest);
            obstacles.Add($"There are {rest} more such instructions.");
        }
        return obstacles;
    }

    private static void Check(ElfImage image, InstructionReader reader, ReadOnlySpan<byte> code, ulong address,
        List<string> obstacles)
    {
        while (!code.IsEmpty)
        {
            if (!reader.TryRead(code, address, out Instruction instruction))
            {
                obstacles.Add($"There is no instruction at 0x{address:X} ({image.NameOf(address)}).");
                return;
            }
            // The machine's services are asked for by OUT imm8, AL: that one is its own door.
            if (instruction.Code != Code.Out_imm8_AL
                && NondeterministicInstructions.TryGetReason(instruction, out string? reason))
                obstacles.Add($"The guest has \"{Disassembler.Text(instruction)}\" at 0x{address:X} "
                    + $"({image.NameOf(address)}): {reason}.");
            code = code[instruction.Length..];
            address += (ulong)instruction.Length;
        }
    }
}

using System.Globalization;
using Iced.Intel;

namespace Determinism.X86;

/// <summary>The text of instructions, for messages.</summary>
public static class Disassembler
{
    /// <summary>The text of one decoded instruction, without its address.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <returns>Intel syntax, for example <c>mov eax,[rbx+8]</c>.</returns>
    public static string Text(in Instruction instruction)
    {
        var output = new StringOutput();
        new NasmFormatter().Format(instruction, output);
        return output.ToStringAndReset();
    }

    /// <summary>The first instruction of some bytes with its address, for example <c>0x401000: mov eax,[rbx+8]</c>.</summary>
    /// <param name="code">The bytes, as many as are known.</param>
    /// <param name="address">The address of the first byte.</param>
    /// <returns>One line; bytes that are no instruction are given in hexadecimal.</returns>
    public static string Line(ReadOnlySpan<byte> code, ulong address)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"0x{address:x}: ");
        if (new InstructionReader().TryRead(code, address, out var instruction))
            return prefix + Text(instruction);
        return prefix + "no instruction: " + Convert.ToHexString(code[..Math.Min(code.Length, InstructionReader.MaximumLength)]);
    }
}

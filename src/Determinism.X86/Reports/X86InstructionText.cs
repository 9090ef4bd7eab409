using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Determinism.X86;

/// <summary>x86-64 instructions and registers as text, for divergence reports.</summary>
public sealed class X86InstructionText : IInstructionText
{
    private static readonly string[] s_names =
        ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    private readonly InstructionReader _reader = new();

    /// <inheritdoc />
    public string Describe(ReadOnlySpan<byte> code, ulong address)
    {
        int length = _reader.TryRead(code, address, out Iced.Intel.Instruction instruction) ? instruction.Length : code.Length;
        return $"{Disassembler.Line(code, address)} ({Convert.ToHexString(code[..length])})";
    }

    /// <summary>The registers of a state that is an <see cref="X86Registers"/>.</summary>
    /// <param name="state">The state.</param>
    public string DescribeState(ReadOnlySpan<byte> state)
    {
        if (state.Length < Marshal.SizeOf<X86Registers>())
            return Convert.ToHexString(state);
        X86Registers registers = MemoryMarshal.Read<X86Registers>(state);
        var text = new StringBuilder();
        for (int index = 0; index < s_names.Length; index++)
            text.AppendFormat(CultureInfo.InvariantCulture, "{0}={1:X} ", s_names[index], registers.Gpr[index]);
        text.AppendFormat(CultureInfo.InvariantCulture, "rip={0:X} flags={1:X}", registers.Rip, registers.Rflags);
        for (int index = 0; index < 16; index++)
        {
            if (registers.Xmm[index] != UInt128.Zero)
                text.AppendFormat(CultureInfo.InvariantCulture, " xmm{0}={1:X}", index, registers.Xmm[index]);
        }
        return text.ToString();
    }
}

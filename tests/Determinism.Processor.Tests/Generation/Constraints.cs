using Determinism.ProcessorTests.Comparison;
using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>Values that registers and memory must have before an instruction, so that it does something sensible.</summary>
internal sealed class Constraints
{
    private readonly ulong[] _values = new ulong[16];
    private readonly List<(ulong Address, ulong Value, int Bytes)> _memory = [];
    private int _known;

    public static int Number(Register register) => register.GetFullRegister() - Register.RAX;

    public bool Has(Register register) => (_known & (1 << Number(register))) != 0;

    public ulong this[Register register] => _values[Number(register)];

    /// <summary>Gives a register a value, unless it has another one already.</summary>
    /// <param name="register">A general register of any size: the rest of it becomes random.</param>
    /// <param name="value">The value.</param>
    /// <param name="random">Where the rest comes from.</param>
    /// <returns>Whether the register has that value now.</returns>
    public bool Set(Register register, ulong value, Pcg random)
    {
        var number = Number(register);
        var high = register is >= Register.AH and <= Register.BH ? 8 : 0;
        var bits = register.GetSize() * 8;
        var mask = (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1) << high;
        value = (value << high) & mask;
        if ((_known & (1 << number)) != 0)
            return (_values[number] & mask) == value;
        _values[number] = value | (Values.Integer(random) & ~mask);
        _known |= 1 << number;
        return true;
    }

    /// <summary>Gives memory a value of up to eight bytes.</summary>
    public void Set(ulong address, ulong value, int bytes) => _memory.Add((address, value, bytes));

    /// <summary>Makes a snippet's start satisfy this.</summary>
    public void ApplyTo(Snippet snippet)
    {
        for (var i = 0; i < 16; i++)
        {
            if ((_known & (1 << i)) != 0)
                snippet.Gpr[i] = _values[i];
        }
        var start = snippet.Middle - (Layout.WindowBytes / 2);
        foreach (var (address, value, bytes) in _memory)
        {
            for (var i = 0; i < bytes; i++)
                snippet.Window[(int)(address - start) + i] = (byte)(value >> (8 * i));
        }
    }

    /// <summary>Adds instructions that make a running snippet satisfy this, without touching flags.</summary>
    public void AppendTo(List<Instruction> code)
    {
        foreach (var (address, value, bytes) in _memory)
        {
            for (var done = 0; done < bytes; done += 4)
            {
                var (form, size) = (bytes - done) switch
                {
                    >= 4 => (Code.Mov_rm32_imm32, 4),
                    2 => (Code.Mov_rm16_imm16, 2),
                    _ => (Code.Mov_rm8_imm8, 1),
                };
                var operand = new MemoryOperand(Register.None, Register.None, 1, (long)(address + (ulong)done), 8);
                var part = value >> (8 * done);
                code.Add(Instruction.Create(form, operand, size == 4 ? (uint)part : size == 2 ? (ushort)part : (byte)part));
            }
        }
        for (var i = 0; i < 16; i++)
        {
            if ((_known & (1 << i)) != 0)
                code.Add(Instruction.Create(Code.Mov_r64_imm64, Register.RAX + i, _values[i]));
        }
    }
}

using System.Globalization;
using Iced.Intel;

namespace Determinism.Litmus;

/// <summary>Makes an instruction of a test into one of the processor.</summary>
/// <param name="variables">Where variables are.</param>
/// <param name="rename">The register that stands for a register of the test.</param>
internal sealed class InstructionEncoder(VariableMap variables, Func<int, int> rename)
{
    /// <summary>Encodes an instruction that is no jump.</summary>
    /// <exception cref="LitmusFormatException">The processor has no such instruction.</exception>
    public Instruction Encode(LitmusInstruction instruction)
    {
        try
        {
            Instruction encoded = Create(instruction);
            encoded.HasLockPrefix = instruction.IsLocked;
            return encoded;
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            throw new LitmusFormatException($"the processor has no instruction '{instruction.Text}'", error);
        }
    }

    public static Register RegisterOf(int register, int bytes) => bytes switch
    {
        8 => Register.RAX + register,
        4 => Register.EAX + register,
        2 => Register.AX + register,
        _ => register < 4 ? Register.AL + register : Register.SPL + (register - 4),
    };

    private Instruction Create(LitmusInstruction one)
    {
        int bits = 8 * one.Bytes;
        if (one.Operands.Count == 0)
            return Instruction.Create(CodeOf(one.Operation == Operation.Nop ? "Nopd" : one.Operation.ToString()));
        string name = one.Operation switch
        {
            Operation.Cmovcc => "Cmov" + one.Condition.ToString().ToLowerInvariant(),
            Operation.Setcc => "Set" + one.Condition.ToString().ToLowerInvariant(),
            Operation.Movsx when one.SourceBytes == 4 => "Movsxd",
            _ => one.Operation.ToString(),
        };
        if (one.Operands.Count == 1)
            return Create(CodeOf($"{name}_rm{bits}"), one.Operands[0], one.Bytes);

        Operand target = one.Operands[0], source = one.Operands[1];
        if (source is ImmediateOperand immediate)
            return CreateImmediate(name, target, (long)ValueOf(immediate), one.Bytes);
        string operands = one.Operation switch
        {
            Operation.Lea => $"r{bits}_m",
            Operation.Movzx or Operation.Movsx => $"r{bits}_rm{8 * one.SourceBytes}",
            Operation.Cmovcc => $"r{bits}_rm{bits}",
            _ => source is AddressOperand ? $"r{bits}_rm{bits}" : $"rm{bits}_r{bits}",
        };
        Code code = CodeOf($"{name}_{operands}");
        int sourceBytes = one.SourceBytes == 0 ? one.Bytes : one.SourceBytes;
        return (target, source) switch
        {
            (RegisterOperand left, RegisterOperand right) =>
                Instruction.Create(code, Name(left, one.Bytes), Name(right, sourceBytes)),
            (RegisterOperand left, AddressOperand right) => Instruction.Create(code, Name(left, one.Bytes), Address(right)),
            (AddressOperand left, RegisterOperand right) => Instruction.Create(code, Address(left), Name(right, one.Bytes)),
            _ => throw new ArgumentException("No such operands."),
        };
    }

    private Instruction Create(Code code, Operand operand, int bytes) => operand is RegisterOperand register
        ? Instruction.Create(code, Name(register, bytes)) : Instruction.Create(code, Address((AddressOperand)operand));

    private Instruction CreateImmediate(string name, Operand target, long value, int bytes)
    {
        int bits = 8 * bytes;
        bool isShift = name is nameof(Operation.Shl) or nameof(Operation.Shr) or nameof(Operation.Sar);
        if (name == nameof(Operation.Mov) && bytes == 8 && target is RegisterOperand wide && value != (int)value)
            return Instruction.Create(Code.Mov_r64_imm64, Name(wide, bytes), (ulong)value);
        Code code = CodeOf($"{name}_rm{bits}_imm{(isShift ? 8 : Math.Min(bits, 32))}");
        int encoded = ToImmediate(value, bytes);
        return target is RegisterOperand register
            ? Instruction.Create(code, Name(register, bytes), encoded)
            : Instruction.Create(code, Address((AddressOperand)target), encoded);
    }

    // A constant may be written with a sign or without; 64 bits are extended from 32.
    private static int ToImmediate(long value, int bytes)
    {
        if (bytes < 8 && value == (long)Alu.Truncate((ulong)value, bytes))
            value = (long)Alu.Extend((ulong)value, bytes);
        return bytes < 8 && value != (long)Alu.Extend((ulong)value, bytes)
            ? throw new ArgumentException("A constant is too large.") : checked((int)value);
    }

    private Register Name(RegisterOperand register, int bytes) => RegisterOf(rename(register.Register), bytes);

    private MemoryOperand Address(AddressOperand operand)
    {
        long displacement = operand.Displacement + (operand.Symbol is null ? 0 : (long)variables[operand.Symbol]);
        if (displacement != (int)displacement)
            throw new ArgumentException("An address reaches too far.");
        return new MemoryOperand(
            operand.Base is { } start ? RegisterOf(rename(start), 8) : Register.None,
            operand.Index is { } index ? RegisterOf(rename(index), 8) : Register.None,
            operand.Scale, displacement, displacement == 0 && operand.Base is not null ? 0 : 8, false, Register.None);
    }

    private ulong ValueOf(ImmediateOperand immediate) =>
        (ulong)immediate.Value + (immediate.Symbol is null ? 0 : variables[immediate.Symbol]);

    private static Code CodeOf(string name) => Enum.TryParse(name, out Code code) ? code
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"There is no {name}."));
}

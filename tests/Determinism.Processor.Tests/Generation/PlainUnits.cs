using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>Units of one instruction without control flow, any form with any operands.</summary>
/// <param name="middle">Middle of the memory window.</param>
/// <param name="alone">Whether the unit is all of its snippet: then results that the architecture leaves undefined may occur.</param>
/// <param name="random">Choices.</param>
internal sealed class PlainUnits(ulong middle, bool alone, Pcg random)
{
    private readonly Encoder _probe = Encoder.Create(64, new Discard());

    /// <summary>Makes a unit of one form.</summary>
    /// <param name="code">The form.</param>
    /// <param name="constraints">What has to hold before it.</param>
    /// <returns>The unit, without what makes the constraints hold.</returns>
    public Unit Create(Code code, out Constraints constraints)
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            if (TryCreate(code, out constraints) is { } unit)
                return unit;
        }
        throw new InvalidOperationException($"No operands for {code} found.");
    }

    private Unit? TryCreate(Code code, out Constraints constraints)
    {
        constraints = new Constraints();
        var form = code.ToOpCode();
        var instruction = new Instruction { Code = code };
        var memoryOperand = -1;
        ulong? count = null;
        for (var i = 0; i < form.OpCount; i++)
        {
            var kind = form.GetOpKind(i);
            if (OperandKinds.IsString(kind))
            {
                instruction.SetOpKind(i, kind == OpCodeOperandKind.es_rDI ? OpKind.MemoryESRDI : OpKind.MemorySegRSI);
            }
            else if (OperandKinds.Immediate(kind) is { } immediate)
            {
                var value = kind == OpCodeOperandKind.imm8_const_1 ? 1 : ImmediateFor(form, i);
                instruction.SetOpKind(i, immediate);
                instruction.SetImmediate(i, (long)Fit(value, immediate));
                count = value & 0xFF;
            }
            else if (OperandKinds.FixedRegister(kind) is var register and not Register.None)
            {
                instruction.SetOpKind(i, OpKind.Register);
                instruction.SetOpRegister(i, register);
            }
            else if (OperandKinds.IsMemory(kind) && (OperandKinds.Registers(kind) is null || random.OneIn(2)))
            {
                instruction.SetOpKind(i, OpKind.Memory);
                memoryOperand = i;
            }
            else
            {
                var (first, registers) = OperandKinds.Registers(kind)!.Value;
                instruction.SetOpKind(i, OpKind.Register);
                instruction.SetOpRegister(i, first + random.Below(registers));
            }
        }

        var undefinedRegister = -1;
        var values = new ValueRules(middle, alone, constraints, random);
        if (!values.Registers(ref instruction, memoryOperand, ref count, ref undefinedRegister))
            return null;
        if (memoryOperand >= 0)
        {
            var locked = form.CanUseLockPrefix && memoryOperand == 0 && random.OneIn(3);
            instruction.HasLockPrefix = locked;
            var target = Target(instruction, locked);
            if (form.GetOpKind(memoryOperand) == OpCodeOperandKind.mem_offs)
            {
                instruction.MemoryDisplacement64 = target!.Value;
                instruction.MemoryDisplSize = 8;
            }
            else if (!MemoryForm.TryChoose(ref instruction, target, constraints, random))
            {
                return null;
            }
            if (target is { } address)
                values.Memory(instruction, address);
        }
        if (!_probe.TryEncode(instruction, middle, out _, out _))
            return null;

        var flags = FlagEffects.Of(instruction, count);
        if (!instruction.IsStringInstruction || !random.OneIn(4))
            return new Unit([instruction], 0, flags, undefinedRegister);
        return new Unit([Instruction.Create(Code.Std), instruction, Instruction.Create(Code.Cld)], 1, flags, -1);
    }

    private ulong ImmediateFor(OpCodeInfo form, int operand) => form.Mnemonic switch
    {
        // More than 16 bits of a double shift of 16 bits have no defined result.
        Mnemonic.Shld or Mnemonic.Shrd when form.OperandSize == 16 => (ulong)random.Below(17),
        _ => random.OneIn(2) ? Values.Integer(random) : (ulong)(long)random.Between(-2, 70),
    };

    private static ulong Fit(ulong value, OpKind kind) => kind switch
    {
        OpKind.Immediate8 => (byte)value,
        OpKind.Immediate8to16 or OpKind.Immediate8to32 or OpKind.Immediate8to64 => (ulong)(sbyte)value,
        OpKind.Immediate16 => (ushort)value,
        OpKind.Immediate32 => (uint)value,
        OpKind.Immediate32to64 => (ulong)(int)value,
        _ => value,
    };

    /// <summary>An address in the window, often across the page boundary; null if nothing is accessed.</summary>
    private ulong? Target(in Instruction instruction, bool locked)
    {
        var bytes = instruction.MemorySize.GetSize();
        if (bytes == 0 || instruction.Mnemonic is Mnemonic.Lea or Mnemonic.Nop or Mnemonic.Prefetchnta or Mnemonic.Prefetcht0
            or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Prefetchw)
        {
            return null;
        }
        var crosses = bytes > 1 && random.OneIn(4);
        var offset = crosses ? -random.Between(1, bytes - 1) : random.Between(-176, 176 - bytes);
        var mustAlign = bytes == 16 && instruction.Mnemonic is not (Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu);
        if (mustAlign)
            offset &= ~15;
        // A locked access across cache lines stops all of this computer's processors for a while.
        else if ((locked || instruction.Mnemonic == Mnemonic.Xchg) && (offset & 63) + bytes > 64)
            offset &= -bytes;
        return middle + (ulong)(long)offset;
    }

    private sealed class Discard : CodeWriter
    {
        public override void WriteByte(byte value)
        {
        }
    }
}

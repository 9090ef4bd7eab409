namespace Determinism.Litmus;

/// <summary>What one instruction does to the registers and flags of its thread, and what it stores.</summary>
internal static class InstructionSemantics
{
    /// <summary>The address of an instruction's operand in memory.</summary>
    public static ulong AddressOf(AddressOperand operand, ThreadState thread, VariableMap variables)
    {
        ulong address = (ulong)operand.Displacement;
        if (operand.Symbol is not null)
            address += variables[operand.Symbol];
        if (operand.Base is { } start)
            address += thread.Registers[start];
        if (operand.Index is { } index)
            address += thread.Registers[index] * (ulong)operand.Scale;
        return address;
    }

    /// <summary>Carries it out.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="thread">Its thread; moved on.</param>
    /// <param name="code">The thread's code.</param>
    /// <param name="read">What it has read from memory, if it reads.</param>
    /// <param name="variables">Where variables are.</param>
    /// <returns>What it stores, if it stores.</returns>
    public static ulong Execute(
        LitmusInstruction instruction, ThreadState thread, LitmusThread code, ulong read, VariableMap variables)
    {
        int bytes = instruction.Bytes;
        uint flags = thread.Flags;
        ulong stored = 0;
        bool isTaken = false;
        ulong left = bytes > 0 && instruction.Operands.Count > 0 ? Value(instruction.Operands[0], bytes) : 0;
        ulong right = instruction.Operands.Count > 1 && instruction.Operation != Operation.Lea
            ? Value(instruction.Operands[1], instruction.SourceBytes == 0 ? bytes : instruction.SourceBytes) : 0;
        switch (instruction.Operation)
        {
            case Operation.Mov:
            case Operation.Movzx:
                Put(0, right);
                break;
            case Operation.Movsx:
                Put(0, Alu.Extend(right, instruction.SourceBytes));
                break;
            case Operation.Lea:
                Put(0, AddressOf((AddressOperand)instruction.Operands[1], thread, variables));
                break;
            case Operation.Xchg:
                Put(1, left);
                Put(0, right);
                break;
            case Operation.Xadd:
                Put(1, left);
                Put(0, Alu.Compute(Operation.Add, left, right, bytes, ref flags));
                break;
            case Operation.Cmpxchg:
                ulong expected = Alu.Truncate(thread.Registers[RegisterNames.Rax], bytes);
                Alu.Compute(Operation.Cmp, expected, left, bytes, ref flags);
                if (expected != left)
                    Write(RegisterNames.Rax, left);
                Put(0, expected == left ? right : left);
                break;
            case Operation.Cmp:
            case Operation.Test:
                Alu.Compute(instruction.Operation, left, right, bytes, ref flags);
                break;
            case Operation.Jmp:
            case Operation.Jcc:
                isTaken = instruction.Operation == Operation.Jmp || Alu.Holds(instruction.Condition, flags);
                break;
            case Operation.Cmovcc:
                Put(0, Alu.Holds(instruction.Condition, flags) ? right : left);
                break;
            case Operation.Setcc:
                Put(0, Alu.Holds(instruction.Condition, flags) ? 1UL : 0);
                break;
            case Operation.Mfence or Operation.Lfence or Operation.Sfence or Operation.Nop or Operation.Pause:
                break;
            default:
                Put(0, Alu.Compute(instruction.Operation, left, right, bytes, ref flags));
                break;
        }
        thread.Flags = flags;
        thread.Next = isTaken ? code.TargetOf(instruction) : thread.Next + 1;
        return stored;

        ulong Value(Operand operand, int size) => Alu.Truncate(operand switch
        {
            RegisterOperand register => thread.Registers[register.Register],
            ImmediateOperand { Symbol: { } symbol } immediate => variables[symbol] + (ulong)immediate.Value,
            ImmediateOperand immediate => (ulong)immediate.Value,
            _ => read,
        }, size);

        void Put(int operand, ulong value)
        {
            if (instruction.Operands[operand] is RegisterOperand register)
                Write(register.Register, value);
            else
                stored = Alu.Truncate(value, bytes);
        }

        // 32 bits clear the upper half of a register, fewer leave the rest alone.
        void Write(int register, ulong value)
        {
            ulong kept = bytes < 4 ? thread.Registers[register] & ~((1UL << (8 * bytes)) - 1) : 0;
            thread.Registers[register] = kept | Alu.Truncate(value, bytes);
        }
    }
}

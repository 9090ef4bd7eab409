using Iced.Intel;

namespace Determinism.Litmus;

/// <summary>The processor's code for one thread of a test, without anything around it.</summary>
/// <remarks>It leaves RSP and R15 alone: those belong to whoever runs it.</remarks>
public sealed class ThreadCode
{
    private readonly LitmusTest _test;
    private readonly int _number;
    private readonly VariableMap _variables;
    private readonly LitmusThread _thread;
    private readonly InstructionEncoder _encoder;
    private readonly SortedSet<int> _registers;
    private readonly int _standIn;

    /// <summary>Prepares it.</summary>
    /// <param name="test">The test.</param>
    /// <param name="number">Number of the thread.</param>
    /// <param name="variables">Where its variables are.</param>
    /// <exception cref="LitmusFormatException">The thread uses RSP, or all registers.</exception>
    public ThreadCode(LitmusTest test, int number, VariableMap variables)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(variables);
        _test = test;
        _number = number;
        _variables = variables;
        _thread = test.Threads[number];
        _registers = FindRegisters();
        if (_registers.Contains(RegisterNames.Rsp))
            throw new LitmusFormatException($"thread {number} uses RSP, which is the guest's stack");
        // The poll count is in R15.
        _standIn = !_registers.Contains(RegisterNames.R15) ? RegisterNames.R15
            : Enumerable.Range(0, RegisterNames.R15).Except([RegisterNames.Rsp, .. _registers]).DefaultIfEmpty(-1).Last();
        if (_standIn < 0)
            throw new LitmusFormatException($"thread {number} uses all registers, and R15 holds the poll count");
        _encoder = new InstructionEncoder(variables, Rename);
    }

    /// <summary>The registers whose final values are looked at, in the order of the test's places.</summary>
    public IReadOnlyList<Register> Observed => [.. _test.Places.Where(place => place.Thread == _number)
        .Select(place => InstructionEncoder.RegisterOf(Rename(place.Register), 8))];

    /// <summary>Writes what gives the registers their first values. Flags stay as they are.</summary>
    /// <param name="code">Where to.</param>
    public void WriteInitialRegisters(Assembler code)
    {
        ArgumentNullException.ThrowIfNull(code);
        foreach (int register in _registers)
        {
            ulong value = _test.InitialRegisters.GetValueOrDefault((_number, register)).In(_variables);
            code.mov(new AssemblerRegister64(InstructionEncoder.RegisterOf(Rename(register), 8)), value);
        }
    }

    /// <summary>Writes the thread's instructions; control leaves behind the last.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="polls">Writes polls where a jump leads back to.</param>
    /// <param name="isPolled">Whether there is a poll between any two accesses to memory too, so that a machine that stops at
    /// polls alone can stop there.</param>
    public void WriteBody(Assembler code, Polls polls, bool isPolled)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(polls);
        bool[] isLive = LiveFlags.Before(_thread);
        Label[] labels = [.. Enumerable.Range(0, _thread.Instructions.Count + 1).Select(_ => code.CreateLabel())];
        var targets = _thread.Labels.Values.ToHashSet();
        bool hasAccessed = false;
        for (int index = 0; index <= _thread.Instructions.Count; index++)
        {
            LitmusInstruction? one = index < _thread.Instructions.Count ? _thread.Instructions[index] : null;
            if (targets.Contains(index))
            {
                code.Label(ref labels[index]);
                code.nop();
            }
            bool accesses = one?.Address is not null;
            if (IsLoop(index) || (isPolled && accesses && hasAccessed && !isLive[index]))
                polls.Write();
            hasAccessed |= accesses;
            if (one is not null)
                Write(code, one, labels);
        }
    }

    private void Write(Assembler code, LitmusInstruction one, Label[] labels)
    {
        if (one.Operation is not (Operation.Jmp or Operation.Jcc))
        {
            code.AddInstruction(_encoder.Encode(one));
            return;
        }
        Label target = labels[_thread.TargetOf(one)];
        if (one.Operation == Operation.Jmp)
            code.jmp(target);
        else
            code.AddInstruction(Instruction.CreateBranch(
                Enum.Parse<Code>($"J{one.Condition.ToString().ToLowerInvariant()}_rel32_64"), target.Id));
    }

    private bool IsLoop(int index) => _thread.Instructions.Skip(index)
        .Any(one => one.Operation is Operation.Jmp or Operation.Jcc && _thread.TargetOf(one) == index);

    private int Rename(int register) => register == RegisterNames.R15 ? _standIn : register;

    private SortedSet<int> FindRegisters()
    {
        var registers = new SortedSet<int>(
            _test.Places.Where(place => place.Thread == _number).Select(static place => place.Register));
        registers.UnionWith(_test.InitialRegisters.Keys.Where(key => key.Thread == _number).Select(static key => key.Register));
        foreach (LitmusInstruction one in _thread.Instructions)
        {
            foreach (Operand operand in one.Operands)
            {
                if (operand is RegisterOperand register)
                    registers.Add(register.Register);
                if (operand is AddressOperand { Base: { } start })
                    registers.Add(start);
                if (operand is AddressOperand { Index: { } index })
                    registers.Add(index);
            }
            if (one.Operation == Operation.Cmpxchg)
                registers.Add(RegisterNames.Rax);
        }
        return registers;
    }
}

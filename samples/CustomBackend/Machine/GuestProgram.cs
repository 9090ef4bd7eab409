namespace CustomBackend.Machine;

/// <summary>A guest: its code, where it starts, and its interrupt handler.</summary>
public sealed record GuestProgram(byte[] Code, uint Start, uint Handler)
{
    public const uint Racy = 0x4000, Locked = 0x4400, Ticks = 0x4800, Clocks = 0x4C00;

    /// <summary>CPUs that add to two words, one of them without a lock, and read the clock; timer interrupts that add to
    /// a third.</summary>
    public static GuestProgram Race(uint rounds)
    {
        const uint Start = 0x1000;
        const int Cpu = 0, Value = 1, Rounds = 2, One = 3, Base = 4, Zero = 5, Scratch = 6, Tick = 7;
        var code = new Assembler(Start);
        code.Add(Opcode.Set, Rounds, number: rounds);
        code.Add(Opcode.Set, One, number: 1);
        code.Add(Opcode.Set, Zero);
        code.Label("round");
        code.Add(Opcode.Load, Value, Zero, number: Racy);
        code.Add(Opcode.AddNumber, Value, Value, number: 1);
        code.Add(Opcode.Store, Value, Zero, number: Racy);
        code.Add(Opcode.AtomicAdd, One, Zero, number: Locked);
        // Work that nobody sees: a lock-step of all CPUs would be no race.
        code.Add(Opcode.Set, Base, number: 40);
        code.Label("work");
        code.Add(Opcode.AddNumber, Base, Base, number: uint.MaxValue);
        code.JumpIf(Base, "work");
        code.Add(Opcode.AddNumber, Rounds, Rounds, number: uint.MaxValue);
        code.JumpIf(Rounds, "round");
        code.Add(Opcode.Service, number: (uint)Service.Clock);
        code.Add(Opcode.Set, Base, number: 8);
        code.Add(Opcode.Multiply, Base, Base, Cpu);
        code.Add(Opcode.Store, Value, Base, number: Clocks);
        code.Add(Opcode.Load, Value, Zero, number: Racy);
        code.Add(Opcode.Service, number: (uint)Service.Print);
        code.Add(Opcode.Service, number: (uint)Service.Halt);
        code.Label("handler");
        code.Add(Opcode.Set, Scratch, number: Ticks);
        code.Add(Opcode.AtomicAdd, Tick, Scratch);
        code.Add(Opcode.Return);
        return new GuestProgram(code.Assemble(), Start, code.AddressOf("handler"));
    }
}

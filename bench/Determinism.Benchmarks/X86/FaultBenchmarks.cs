using BenchmarkDotNet.Attributes;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.Benchmarks.X86;

/// <summary>A faulting instruction's accesses: KVM says no more than that there was one, the instruction says the rest.</summary>
public class FaultBenchmarks
{
    private const ulong Rip = 0x100000;

    private readonly InstructionReader _reader = new();
    private readonly MemoryOperands _operands = new();
    private readonly MemoryAccess[] _accesses = new MemoryAccess[MemoryOperands.MaximumAccesses + 1];
    private X86Registers _registers = X86Registers.Reset;
    private byte[] _code = [];

    public enum Fault
    {
        Load,
        Store,
        LockedIncrement,
        Push,
        RepeatedMove,
    }

    [ParamsAllValues]
    public Fault Instruction { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        for (int register = 0; register < 16; register++)
            _registers.Gpr[register] = 0x200000 + ((ulong)register << 12);
        byte[] code = Instruction switch
        {
            Fault.Load => [0x48, 0x8B, 0x44, 0xCB, 0x10],
            Fault.Store => [0x89, 0x07],
            Fault.LockedIncrement => [0xF0, 0x48, 0xFF, 0x07],
            Fault.Push => [0x50],
            _ => [0xF3, 0x48, 0xA5],
        };
        // The reader is given all that an instruction may have.
        _code = [.. code, .. Enumerable.Repeat((byte)0x90, InstructionReader.MaximumLength - code.Length)];
    }

    [Benchmark]
    public int Accesses()
    {
        if (!_reader.TryRead(_code, Rip, out Instruction instruction))
            throw new InvalidOperationException("Not an instruction.");
        _accesses[0] = MemoryOperands.Fetch(instruction);
        return 1 + _operands.Get(instruction, _registers, _accesses.AsSpan(1));
    }
}

using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.X86.Tests;

/// <summary>What a fault makes of an instruction's bytes takes nothing from the heap.</summary>
public class AllocationTests
{
    private const ulong Rip = 0x100000;

    [Fact]
    public void Decoding_a_faulting_instruction_and_its_operands()
    {
        byte[][] codes =
        [
            Bytes(code => code.mov(rax, __qword_ptr[rbx + (rcx * 8) + 16])),
            Bytes(code => code.mov(__dword_ptr[rdi], eax)),
            Bytes(code => code.@lock.inc(__qword_ptr[rdi])),
            Bytes(code => code.push(rax)),
            Bytes(code => code.rep.movsq()),
        ];
        var reader = new InstructionReader();
        var operands = new MemoryOperands();
        X86Registers registers = X86Registers.Reset;
        registers.Gpr[1] = 3;
        var accesses = new MemoryAccess[MemoryOperands.MaximumAccesses];
        int found = 0;
        void DecodeAll()
        {
            foreach (byte[] code in codes)
            {
                if (reader.TryRead(code, Rip, out Instruction instruction))
                    found += operands.Get(instruction, registers, accesses);
            }
        }
        for (int time = 0; time < 100; time++)
            DecodeAll();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int time = 0; time < 400; time++)
            DecodeAll();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(500 * 6, found);
    }

    private static byte[] Bytes(Action<Assembler> write)
    {
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), Rip);
        return stream.ToArray();
    }
}

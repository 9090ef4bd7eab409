using Determinism.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

public class MemoryOperandsTests
{
    private const ulong Stack = 0x9000;
    private const ulong Source = 0x5000;
    private const ulong Destination = 0x6000;

    private static readonly Dictionary<string, (Action<Assembler> Code, MemoryAccess[] Accesses)> Cases = new()
    {
        ["load"] = (a => a.mov(eax, __dword_ptr[rsi + rcx * 4 + 8]), [Read(Source + 20, 4)]),
        ["store"] = (a => a.mov(__word_ptr[rdi], ax), [Write(Destination, 2)]),
        ["read-modify-write"] = (a => a.add(__qword_ptr[rdi], rax), [Write(Destination, 8)]),
        ["compare"] = (a => a.cmp(__byte_ptr[rdi - 1], 3), [Read(Destination - 1, 1)]),
        ["address only"] = (a => a.lea(rax, __[rdi + 8]), []),
        ["no operation"] = (a => a.nop(__dword_ptr[rdi]), []),
        ["prefetch"] = (a => a.prefetcht0(__byte_ptr[rdi]), []),
        ["conditional move reads even if it does not move"] = (a => a.cmove(rax, __qword_ptr[rsi]), [Read(Source, 8)]),
        ["compare-exchange writes even if it fails"] = (a => a.cmpxchg(__dword_ptr[rdi], ecx), [Write(Destination, 4)]),
        ["compare-exchange of 16 bytes"] = (a => a.@lock.cmpxchg16b(__xmmword_ptr[rdi]), [Write(Destination, 16)]),
        ["exchange"] = (a => a.xchg(__dword_ptr[rdi], ecx), [Write(Destination, 4)]),
        ["exchange and add"] = (a => a.@lock.xadd(__qword_ptr[rdi], rcx), [Write(Destination, 8)]),
        ["set"] = (a => a.sete(__byte_ptr[rdi]), [Write(Destination, 1)]),
        ["bit test"] = (a => a.bt(__dword_ptr[rdi], 40), [Read(Destination, 4)]),
        ["bit string upwards"] = (a => a.bts(__dword_ptr[rdi], edx), [Write(Destination + 12, 4)]),
        ["bit string downwards"] = (a => a.bt(__qword_ptr[rdi], rbx), [Read(Destination - 8, 8)]),
        ["push"] = (a => a.push(rax), [Write(Stack - 8, 8)]),
        ["push memory"] = (a => a.push(__qword_ptr[rsi]), [Read(Source, 8), Write(Stack - 8, 8)]),
        ["pop"] = (a => a.pop(rax), [Read(Stack, 8)]),
        ["pop memory"] = (a => a.pop(__qword_ptr[rsp + 16]), [Read(Stack, 8), Write(Stack + 24, 8)]),
        ["call"] = (a => a.call(0x1234), [Write(Stack - 8, 8)]),
        ["call memory"] = (a => a.call(__qword_ptr[rsi]), [Read(Source, 8), Write(Stack - 8, 8)]),
        ["jump memory"] = (a => a.jmp(__qword_ptr[rsi]), [Read(Source, 8)]),
        ["return"] = (a => a.ret(16), [Read(Stack, 8)]),
        ["leave"] = (a => a.leave(), [Read(0x8000, 8)]),
        ["move string"] = (a => a.movsq(), [Read(Source, 8), Write(Destination, 8)]),
        ["repeated move string is one iteration"] = (a => a.rep.movsb(), [Read(Source, 1), Write(Destination, 1)]),
        ["store string"] = (a => a.rep.stosd(), [Write(Destination, 4)]),
        ["load string"] = (a => a.lodsw(), [Read(Source, 2)]),
        ["compare strings"] = (a => a.repe.cmpsb(), [Read(Source, 1), Read(Destination, 1)]),
        ["scan string"] = (a => a.repne.scasd(), [Read(Destination, 4)]),
        ["thread segment"] = (a => a.mov(rax, __qword_ptr.gs[8]), [Read(0x10008, 8)]),
        ["other segment"] = (a => a.mov(__dword_ptr.fs[rdi + 4], eax), [Write(0x20000 + Destination + 4, 4)]),
        ["32-bit address"] = (a => a.mov(eax, __dword_ptr[ebx + 5]), [Read(0xFFFFFFC5, 4)]),
        ["load vector"] = (a => a.movups(xmm0, __xmmword_ptr[rsi]), [Read(Source, 16)]),
        ["store double"] = (a => a.movsd(__qword_ptr[rdi], xmm0), [Write(Destination, 8)]),
        ["convert single"] = (a => a.cvtss2sd(xmm0, __dword_ptr[rsi]), [Read(Source, 4)]),
        ["widen packed"] = (a => a.cvtps2pd(xmm0, __qword_ptr[rsi]), [Read(Source, 8)]),
        ["registers only"] = (a => a.add(rax, rbx), []),
    };

    public static TheoryData<string> Names
    {
        get
        {
            var names = new TheoryData<string>();
            foreach (var name in Cases.Keys)
                names.Add(name);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_access_of_an_instruction_is_told_with_its_kind(string name)
    {
        var (code, expected) = Cases[name];
        Assert.Equal(expected.OrderBy(access => access.Address), Accesses(code, 3).OrderBy(access => access.Address));
    }

    [Fact]
    public void A_repetition_without_iterations_touches_nothing() => Assert.Empty(Accesses(a => a.rep.movsb(), 0));

    [Fact]
    public void The_fetch_reads_all_bytes_of_the_instruction()
    {
        var instruction = Decode(a => a.mov(rax, 0x1122334455667788), 0x1FFC);
        Assert.Equal(new MemoryAccess(0x1FFC, 10, AccessRight.Read), MemoryOperands.Fetch(instruction));
    }

    [Fact]
    public void Accesses_that_registers_do_not_tell_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Accesses(a => a.vpgatherdd(xmm0, __dword_ptr[rax + xmm1 * 4], xmm2), 1));
        Assert.Throws<ArgumentException>(() => Accesses(a => a.xsave(__[rdi]), 1));
    }

    [Fact]
    public void The_list_of_nondeterministic_instructions_gives_reasons_and_spares_the_guest_services()
    {
        Assert.True(NondeterministicInstructions.TryGetReason(Decode(a => a.rdtscp(), 0), out var reason));
        Assert.Equal("reads the host's clock", reason);
        Assert.True(NondeterministicInstructions.TryGetReason(Decode(a => a.@out(0x10, eax), 0), out _));
        Assert.True(NondeterministicInstructions.TryGetReason(Decode(a => a.rep.outsb(), 0), out _));
        Assert.False(NondeterministicInstructions.TryGetReason(Decode(a => a.@out(0x10, al), 0), out _));
        Assert.False(NondeterministicInstructions.TryGetReason(Decode(a => a.lahf(), 0), out _));
    }

    private static MemoryAccess[] Accesses(Action<Assembler> code, ulong count)
    {
        var registers = X86Registers.Reset;
        registers.Gpr[1] = count;
        registers.Gpr[2] = 100;
        registers.Gpr[3] = unchecked((ulong)-64);
        registers.Gpr[4] = Stack;
        registers.Gpr[5] = 0x8000;
        registers.Gpr[6] = Source;
        registers.Gpr[7] = Destination;
        registers.GsBase = 0x10000;
        registers.FsBase = 0x20000;
        var accesses = new MemoryAccess[MemoryOperands.MaximumAccesses];
        var found = new MemoryOperands().Get(Decode(code, 0x1000), registers, accesses);
        return accesses[..found];
    }

    private static Instruction Decode(Action<Assembler> code, ulong address)
    {
        Assert.True(new InstructionReader().TryRead(Guest.Encode(code, address), address, out var instruction));
        return instruction;
    }

    private static MemoryAccess Read(ulong address, uint size) => new(address, size, AccessRight.Read);

    private static MemoryAccess Write(ulong address, uint size) => new(address, size, AccessRight.ReadWrite);
}

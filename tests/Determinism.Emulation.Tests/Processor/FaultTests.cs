using Determinism.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

public class FaultTests
{
    /// <summary>Every form of memory operand, with RDI, RSI and RSP ready; the last bytes of a frame and the first of the next.</summary>
    public static TheoryData<string> Names
    {
        get
        {
            var names = new TheoryData<string>();
            foreach (var name in Forms.Keys)
                names.Add(name);
            return names;
        }
    }

    private static readonly Dictionary<string, Action<Assembler>> Forms = new()
    {
        ["load"] = a => a.mov(rax, __qword_ptr[rdi]),
        ["load and extend"] = a => a.movsx(eax, __word_ptr[rdi]),
        ["store"] = a => a.mov(__dword_ptr[rdi], ecx),
        ["store immediate"] = a => a.mov(__qword_ptr[rdi], -5),
        ["add from memory"] = a => a.add(rax, __qword_ptr[rdi]),
        ["add to memory"] = a => a.add(__qword_ptr[rdi], rcx),
        ["add with carry to memory"] = a => a.adc(__word_ptr[rdi], cx),
        ["compare with memory"] = a => a.cmp(__dword_ptr[rdi], 5),
        ["test memory"] = a => a.test(__dword_ptr[rdi], ecx),
        ["increment"] = a => a.inc(__dword_ptr[rdi]),
        ["negate"] = a => a.neg(__qword_ptr[rdi]),
        ["invert"] = a => a.not(__word_ptr[rdi]),
        ["shift"] = a => a.shl(__dword_ptr[rdi], 3),
        ["rotate"] = a => a.rcr(__qword_ptr[rdi], cl),
        ["double shift"] = a => a.shld(__qword_ptr[rdi], rcx, 5),
        ["multiply"] = a => a.imul(rax, __qword_ptr[rdi], 7),
        ["multiply wide"] = a => a.mul(__qword_ptr[rdi]),
        ["divide"] = a => a.div(__dword_ptr[rdi]),
        ["set"] = a => a.setne(__byte_ptr[rdi]),
        ["move if"] = a => a.cmove(rax, __qword_ptr[rdi]),
        ["push"] = a => a.push(rcx),
        ["push memory"] = a => a.push(__qword_ptr[rdi]),
        ["pop"] = a => a.pop(rcx),
        ["pop to memory"] = a => a.pop(__qword_ptr[rdi]),
        ["pop to memory on the stack"] = a => a.pop(__qword_ptr[rsp + 4090]),
        ["call"] = a => a.call(Guest.Code + 0x100),
        ["call through memory"] = a => a.call(__qword_ptr[rbx]),
        ["jump through memory"] = a => a.jmp(__qword_ptr[rbx]),
        ["leave"] = a => a.leave(),
        ["return"] = a => a.ret(8),
        ["exchange"] = a => a.xchg(__qword_ptr[rdi], rcx),
        ["exchange and add"] = a => a.@lock.xadd(__dword_ptr[rdi], ecx),
        ["compare and exchange"] = a => a.cmpxchg(__qword_ptr[rdi], rcx),
        ["compare and exchange 8 bytes"] = a => a.@lock.cmpxchg8b(__qword_ptr[rdi]),
        ["compare and exchange 16 bytes"] = a => a.@lock.cmpxchg16b(__xmmword_ptr[rsi]),
        ["locked or"] = a => a.@lock.or(__dword_ptr[rdi], ecx),
        ["locked decrement"] = a => a.@lock.dec(__qword_ptr[rdi]),
        ["bit test"] = a => a.bt(__qword_ptr[rdi], rcx),
        ["bit set"] = a => a.bts(__dword_ptr[rdi], 3),
        ["bit reset elsewhere"] = a => a.@lock.btr(__qword_ptr[rdi], rcx),
        ["move string"] = a => a.movsq(),
        ["store string"] = a => a.stosd(),
        ["load string"] = a => a.lodsw(),
        ["compare strings"] = a => a.cmpsd(),
        ["scan string"] = a => a.scasq(),
        ["load vector"] = a => a.movups(xmm0, __xmmword_ptr[rdi]),
        ["load aligned vector"] = a => a.movaps(xmm0, __xmmword_ptr[rsi]),
        ["store vector"] = a => a.movdqu(__xmmword_ptr[rdi], xmm1),
        ["store aligned vector"] = a => a.movdqa(__xmmword_ptr[rsi], xmm1),
        ["add vector"] = a => a.paddd(xmm0, __xmmword_ptr[rsi]),
        ["load double"] = a => a.movsd(xmm0, __qword_ptr[rdi]),
        ["add double"] = a => a.addsd(xmm0, __qword_ptr[rdi]),
        ["convert"] = a => a.cvtsi2sd(xmm0, __dword_ptr[rdi]),
        ["store half"] = a => a.movhps(__qword_ptr[rdi], xmm1),
        ["insert"] = a => a.pinsrw(xmm0, __word_ptr[rdi], 2),
        ["segment"] = a => a.mov(rax, __qword_ptr.gs[8]),
        ["segment with base and index"] = a => a.add(__qword_ptr.gs[rbp + rdx * 8 + 16], rcx),
        ["index alone"] = a => a.mov(rax, __qword_ptr[rdi * 1 + 8]),
        ["32-bit address"] = a => a.mov(eax, __dword_ptr[edi + 4]),
        ["after the instruction"] = a => a.AddInstruction(Iced.Intel.Instruction.Create(Code.Mov_r64_rm64, Register.RAX, new MemoryOperand(Register.RIP, 0x30FFD))),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_rights_nothing_happens_and_with_the_rights_of_the_operand_table_the_instruction_completes(string name)
    {
        using var free = Create(name);
        using var checkedGuest = Create(name);
        var processor = checkedGuest.Processor;
        var instruction = Instruction(checkedGuest);

        // What the table says is exactly what the processor needs.
        Span<MemoryAccess> accesses = stackalloc MemoryAccess[MemoryOperands.MaximumAccesses];
        var count = new MemoryOperands().Get(instruction, checkedGuest.Registers, accesses);
        Assert.True(count > 0);

        var before = checkedGuest.State();
        processor.SetAllRights(AccessRight.None);
        var fetch = processor.Run(1);
        Assert.Equal(ProcessorExitReason.Fault, fetch.Reason);
        Assert.Equal(AccessRight.Read, fetch.Access.Right);
        Assert.Equal(Guest.Code, fetch.Access.Address);
        processor.SetRight(Guest.Code >> 12, AccessRight.Read);

        var asked = new List<MemoryAccess>();
        while (true)
        {
            var exit = processor.Run(1);
            if (exit.Reason == ProcessorExitReason.Stopped)
                break;
            Assert.Equal(ProcessorExitReason.Fault, exit.Reason);
            Assert.Equal(0UL, processor.Count);
            Assert.True(before.AsSpan().SequenceEqual(checkedGuest.State()), "The state has changed.");
            Assert.Contains(exit.Access, accesses[..count].ToArray());
            asked.Add(exit.Access);
            Assert.True(asked.Count < 20);

            // Read first where a write is wanted, and one frame at a time, so that every partial grant is tried.
            foreach (var frame in Frames(exit.Access))
            {
                if (processor.GetRight(frame) >= exit.Access.Right)
                    continue;
                processor.SetRight(frame, (AccessRight)((int)processor.GetRight(frame) + 1));
                break;
            }
        }

        Assert.Equal(accesses[..count].ToArray().OrderBy(access => access.Address), asked.Distinct().OrderBy(access => access.Address));
        Assert.Equal(ProcessorExitReason.Stopped, free.Processor.Run(1).Reason);
        Assert.Equal(free.State(), checkedGuest.State());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Outside_memory_an_access_is_bad_and_changes_nothing(string name)
    {
        if (name is "after the instruction" or "call" or "32-bit address" or "pop to memory on the stack")
            return;
        using var guest = Create(name);
        foreach (var register in (int[])[3, 4, 5, 6, 7])
            guest.Registers.Gpr[register] = Guest.Bytes + (register == 6 ? 16UL : 8UL);
        guest.Registers.GsBase = ulong.MaxValue - 12;
        var before = guest.State();
        var exit = guest.Processor.Run(1);
        Assert.Equal(ProcessorExitReason.BadAddress, exit.Reason);
        Assert.Equal(before, guest.State());
        Assert.Equal(0UL, guest.Processor.Count);
    }

    [Fact]
    public void An_access_that_reaches_beyond_the_end_of_memory_or_of_the_address_space_is_bad()
    {
        foreach (var address in (ulong[])[Guest.Bytes - 1, Guest.Bytes - 7, ulong.MaxValue - 3, ulong.MaxValue])
        {
            using var guest = new Guest(a => a.add(__qword_ptr[rdi], rax));
            guest.Rdi = address;
            Assert.Equal(ProcessorExitReason.BadAddress, guest.Processor.Run(1).Reason);
        }
    }

    [Fact]
    public void Below_the_lowest_address_every_access_is_bad()
    {
        Action<Assembler>[] forms = [a => a.mov(eax, __dword_ptr[rdi]), a => a.mov(__dword_ptr[rdi], eax), a => a.jmp(rdi)];
        foreach (var form in forms)
        {
            using var guest = new Guest(form, lowestAddress: 0x1000);
            guest.Rdi = 0xFFD;
            Assert.Equal(ProcessorExitReason.BadAddress, guest.Processor.Run(2).Reason);
        }
    }

    [Fact]
    public void An_instruction_whose_bytes_reach_into_a_frame_without_right_is_a_fetch_fault()
    {
        using var guest = new Guest();
        const ulong Start = Guest.Code + 0x1000 - 4;
        guest.Assemble(a =>
        {
            a.nop();
            a.mov(rax, 0x1122334455667788);
        }, Start);
        guest.Registers.Rip = Start;
        guest.Processor.SetRight((Guest.Code >> 12) + 1, AccessRight.None);
        var exit = guest.Processor.Run(10);
        Assert.Equal(ProcessorExitReason.Fault, exit.Reason);
        Assert.Equal(new MemoryAccess(Guest.Code + 0x1000, 1, AccessRight.Read), exit.Access);
        Assert.Equal(1UL, guest.Processor.Count);
        Assert.Equal(Start + 1, guest.Registers.Rip);
        guest.Processor.SetRight((Guest.Code >> 12) + 1, AccessRight.Read);
        guest.RunToEnd();
        Assert.Equal(0x1122334455667788UL, guest.Rax);
    }

    [Fact]
    public void Code_is_fetched_anew_after_its_right_was_lost()
    {
        using var guest = new Guest(a => a.mov(eax, 1));
        guest.RunToEnd();
        guest.Processor.SetRight(Guest.Code >> 12, AccessRight.None);
        guest.Assemble(a => a.mov(eax, 2));
        guest.Processor.SetRight(Guest.Code >> 12, AccessRight.Read);
        guest.Registers.Rip = Guest.Code;
        guest.RunToEnd();
        Assert.Equal(2UL, guest.Rax);
    }

    [Fact]
    public void Flags_are_exact_at_a_fault_in_the_middle_of_a_block()
    {
        using var guest = new Guest(a =>
        {
            a.mov(eax, 1);
            a.sub(eax, 1);
            a.mov(rcx, __qword_ptr[rdi]);
            a.add(eax, 1);
        });
        guest.Rdi = Guest.Data;
        guest.Processor.SetRight(Guest.Data >> 12, AccessRight.None);
        Assert.Equal(ProcessorExitReason.Fault, guest.Processor.Run(100).Reason);
        Assert.Equal(2UL, guest.Processor.Count);
        Assert.Equal(0x46UL, guest.Registers.Rflags);
    }

    private static Guest Create(string name)
    {
        var guest = new Guest(Forms[name]);
        ref var registers = ref guest.Registers;
        for (var i = 0; i < 16; i++)
            registers.Xmm[i] = new UInt128((ulong)(i * 0x1111), (ulong)(i + 7));
        registers.Gpr[0] = 0x77;
        registers.Gpr[1] = 0x155;
        registers.Gpr[2] = 1;
        registers.Gpr[3] = Guest.Data + 0x4FFD;
        registers.Gpr[4] = Guest.StackTop - 0x1000 + 4;
        registers.Gpr[5] = Guest.Data + 0x2FFC;
        registers.Gpr[6] = Guest.Data + 0x7FF0;
        registers.Gpr[7] = Guest.Data + 0xFFF;
        registers.GsBase = name == "segment" ? 0x50000UL : 0x100UL;
        for (var i = 0; i < 0x20000; i++)
            guest.Span[(int)Guest.Data + i] = (byte)(i * 7);
        guest.Word(registers.Gpr[3]) = Guest.Code + 0x20;
        guest.Word(registers.Gpr[4]) = Guest.Code + 0x20;
        return guest;
    }

    private static Instruction Instruction(Guest guest)
    {
        Assert.True(new InstructionReader().TryRead(guest.Span[(int)Guest.Code..], Guest.Code, out var instruction));
        return instruction;
    }

    private static IEnumerable<ulong> Frames(MemoryAccess access)
    {
        for (var frame = access.Address >> 12; frame <= (access.Address + access.Size - 1) >> 12; frame++)
            yield return frame;
    }
}

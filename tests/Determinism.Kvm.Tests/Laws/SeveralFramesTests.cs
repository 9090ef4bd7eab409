using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Laws;

/// <summary>Instructions that need several frames, on real vCPUs that take them from each other (law L5).</summary>
public class SeveralFramesTests
{
    private const ulong Rounds = 1500;
    private const ulong First = AssembledGuest.Data;
    private const ulong Straddling = First + 0xFFC;

    [SkippableTheory]
    [InlineData("kvm", "parallel")]
    [InlineData("kvm", "chaos")]
    [InlineData("managed", "parallel")]
    public void Two_vcpus_that_each_need_two_frames_that_the_other_holds_both_finish(string recorder, string scheduler)
    {
        OnKvm.Need();
        for (int seed = 1; seed <= TestTier.Times(1, 10); seed++)
        {
            long events = Duo.RecordAndReplay(recorder, scheduler, (ulong)seed, Write);
            // Each instruction is granted its frames once: two elevations, two reductions of the other, and some more when a
            // lower frame is found later.
            Assert.InRange(events, 10, (long)Rounds * 2 * 2 * 6);
        }

        static void Write(Assembler code)
        {
            Label loop = code.CreateLabel(), other = code.CreateLabel(), next = code.CreateLabel();
            code.StartBoth();
            code.mov(rbx, Rounds);
            code.mov(r12, rdi);
            code.mov(r8, Straddling);
            code.Label(ref loop);
            Action trap = code.Poll();
            // An atomic operation over the border of two frames: no update may be lost.
            code.@lock.inc(__qword_ptr[r8]);
            code.test(r12, r12);
            code.jne(other);
            code.mov(rsi, First + 0x100);
            code.mov(rdi, First + 0x1100);
            code.jmp(next);
            code.Label(ref other);
            code.mov(rsi, First + 0x1108);
            code.mov(rdi, First + 0x108);
            code.Label(ref next);
            // From one frame to the other, each vCPU in its own direction.
            code.movsq();
            code.dec(rbx);
            code.jne(loop);
            code.EndBoth(Straddling, 2 * Rounds);
            trap();
        }
    }

    [SkippableTheory]
    [InlineData("kvm", "parallel")]
    [InlineData("kvm", "chaos")]
    [InlineData("managed", "chaos")]
    public void Accesses_of_every_shape_fault_and_replay_alike(string recorder, string scheduler)
    {
        OnKvm.Need();
        const ulong Shapes = 60;
        for (int seed = 1; seed <= TestTier.Times(2, 20); seed++)
            Duo.RecordAndReplay(recorder, scheduler, (ulong)seed, Write);

        static void Write(Assembler code)
        {
            const ulong Count = First + 0xE000;
            Label loop = code.CreateLabel(), routine = code.CreateLabel();
            code.StartBoth();
            code.mov(r12, Shapes);
            code.mov(r13, rdi);
            code.Label(ref loop);
            Action trap = code.Poll();
            code.mov(r8, First + 0x1000);
            code.mov(__qword_ptr[r8 - 4], r12);
            code.mov(rax, __qword_ptr[r8 + 0xFFD]);
            code.add(rax, r13);
            code.movups(xmm0, __xmmword_ptr[r8 + 0x1FF9]);
            code.movups(__xmmword_ptr[r8 + 0x2FF5], xmm0);
            code.add(__dword_ptr[r8 + 0x2FFE], eax);
            code.bts(__dword_ptr[r8 + 0x3F00], r12d);
            // It fails, but writes all the same.
            code.mov(rax, -1L);
            code.@lock.cmpxchg(__qword_ptr[r8 + 0x3FFC], r12);
            code.mov(rdx, 0UL);
            code.mov(rcx, r13);
            code.mov(rbx, r12);
            code.@lock.cmpxchg16b(__xmmword_ptr[r8 + 0x4FF0]);
            code.xchg(__qword_ptr[r8 + 0x4FFA], rax);
            code.@lock.xadd(__word_ptr[r8 + 0x5FFF], ax);
            // Strings over several frames, one iteration at a time.
            code.mov(rsi, First + 0x6F80);
            code.mov(rdi, First + 0x8F01);
            code.mov(rcx, 0x1100UL);
            code.rep.movsb();
            code.mov(rdi, First + 0xAFF4);
            code.mov(rcx, 5UL);
            code.rep.stosq();
            // A stack that runs over a border, by push and by call.
            code.mov(r9, rsp);
            code.mov(rsp, First + 0xC004);
            code.push(r12);
            code.call(routine);
            code.pop(r12);
            code.mov(rsp, r9);
            code.mov(r10, Count);
            code.@lock.inc(__qword_ptr[r10]);
            code.dec(r12);
            code.jne(loop);
            code.EndBoth(Count, 2 * Shapes);
            code.Label(ref routine);
            code.add(__qword_ptr[rsp + 0x1000], 1);
            code.ret();
            trap();
        }
    }
}

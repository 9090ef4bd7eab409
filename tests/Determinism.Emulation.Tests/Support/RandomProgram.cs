using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

/// <summary>Programs that loop over random instructions of every group: arithmetic, memory, branches, calls, strings, SSE.</summary>
internal static class RandomProgram
{
    public const int DataBytes = 3 * 4096;

    private static readonly AssemblerRegister64[] Wide = [rax, rcx, rdx, rbx, r8, r9, r10, r11];
    private static readonly AssemblerRegister32[] Half = [eax, ecx, edx, ebx, r8d, r9d, r10d, r11d];
    private static readonly AssemblerRegister16[] Quarter = [ax, cx, dx, bx, r8w, r9w, r10w, r11w];
    private static readonly AssemblerRegister8[] Small = [al, cl, dl, bl, ah, ch, dh, bh];
    private static readonly AssemblerRegisterXMM[] Vector = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5];

    /// <summary>Emits the program of a seed.</summary>
    public static void Emit(Assembler a, int seed)
    {
        var random = new Random(seed);
        var function = a.CreateLabel();
        var trap = a.CreateLabel();
        var back = a.CreateLabel();
        var end = a.CreateLabel();
        var loop = a.CreateLabel();
        foreach (var register in Wide)
            a.mov(register, random.NextInt64());
        a.mov(r12d, (uint)Guest.Data);
        a.mov(r13d, random.Next(64));
        a.mov(r14d, random.Next(3, 12));
        a.Label(ref loop);
        a.inc(r15);
        a.cmp(r15, __qword_ptr.gs[8]);
        a.jae(trap);
        a.Label(ref back);
        for (var i = random.Next(10, 90); i > 0; i--)
            Instruction(a, random, function);
        a.dec(r14);
        a.jne(loop);
        a.jmp(end);
        a.Label(ref function);
        a.push(rbp);
        a.mov(rbp, rsp);
        for (var i = random.Next(6); i > 0; i--)
            Instruction(a, random, null);
        a.leave();
        a.ret();
        a.Label(ref trap);
        a.mov(__byte_ptr[r12], 0x77);
        a.jmp(back);
        a.Label(ref end);
        a.nop();
    }

    private static void Instruction(Assembler a, Random random, Label? function)
    {
        var wide = Pick(random, Wide);
        var wide2 = Pick(random, Wide);
        var half = Pick(random, Half);
        var half2 = Pick(random, Half);
        var vector = Pick(random, Vector);
        var vector2 = Pick(random, Vector);
        var address = Address(random);
        switch (random.Next(48))
        {
            case 0: a.add(wide, wide2); break;
            case 1: a.sub(half, half2); break;
            case 2: a.adc(wide, wide2); break;
            case 3: a.sbb(half, random.Next()); break;
            case 4: a.xor(Pick(random, Small), Pick(random, Small)); break;
            case 5: a.and(Pick(random, Quarter), Pick(random, Quarter)); break;
            case 6: a.add(__qword_ptr[address], wide); break;
            case 7: a.sub(half, __dword_ptr[address]); break;
            case 8: a.mov(wide, __qword_ptr[address]); break;
            case 9: a.mov(__dword_ptr[address], half); break;
            case 10: a.movzx(half, __word_ptr[address]); break;
            case 11: a.movsx(wide, __byte_ptr[address]); break;
            case 12: a.inc(wide); break;
            case 13: a.dec(__dword_ptr[address]); break;
            case 14: a.neg(half); break;
            case 15: a.shl(wide, (byte)random.Next(70)); break;
            case 16: a.sar(half, cl); break;
            case 17: a.rol(wide, (byte)random.Next(70)); break;
            case 18: a.rcr(half, cl); break;
            case 19: a.imul(wide, wide2); break;
            case 20: a.mul(half); break;
            case 21: a.bt(wide, (byte)random.Next(64)); break;
            case 22: a.shld(wide, wide2, (byte)random.Next(64)); break;
            case 23: a.cmp(wide, wide2); a.setl(Pick(random, Small)); break;
            case 24: a.test(half, half2); a.cmovne(wide, wide2); break;
            case 25: a.cmp(half, half2); Skip(a, random, a.jb, a.jg, a.jo); break;
            case 26: a.add(wide, 1); Skip(a, random, a.js, a.jne, a.jp); break;
            case 27: a.lock_xadd(address, wide); break;
            case 28: a.@lock.inc(__dword_ptr[address]); break;
            case 29: a.xchg(__qword_ptr[address], wide); break;
            case 30: a.cmpxchg(__dword_ptr[address], half); break;
            case 31: a.push(wide); a.pop(wide2); break;
            case 32: a.lea(wide, __[wide2 + r13 * 8 + 5]); break;
            case 33: a.lahf(); break;
            case 34: a.bsf(wide, wide2); break;
            case 35: a.popcnt(half, half2); break;
            case 36: Strings(a, random); break;
            case 37: a.cvtsi2sd(vector, half); break;
            case 38: a.addsd(vector, vector2); break;
            case 39: a.mulsd(vector, __qword_ptr[address]); break;
            case 40: a.movups(__xmmword_ptr[address], vector); break;
            case 41: a.movups(vector, __xmmword_ptr[address]); break;
            case 42: a.ucomisd(vector, vector2); break;
            case 43: a.cvttsd2si(wide, vector); break;
            case 44: a.paddd(vector, vector2); break;
            case 45: a.cmp(__byte_ptr[address], r9b); Skip(a, random, a.je, a.jbe, a.jns); break;
            case 46: a.mov(__byte_ptr[address], 0x5A); break;
            default:
                if (function is { } label)
                    a.call(label);
                break;
        }
    }

    private static void lock_xadd(this Assembler a, AssemblerMemoryOperand address, AssemblerRegister64 register) =>
        a.@lock.xadd(__qword_ptr[address], register);

    private static void Skip(Assembler a, Random random, params ReadOnlySpan<Action<Label>> jumps)
    {
        var over = a.CreateLabel();
        jumps[random.Next(jumps.Length)](over);
        a.xor(Pick(random, Wide), random.Next());
        a.Label(ref over);
        a.mov(Pick(random, Half), random.Next());
    }

    private static void Strings(Assembler a, Random random)
    {
        a.mov(ecx, random.Next(80));
        a.lea(rsi, __[r12 + random.Next(DataBytes - 2048)]);
        a.lea(rdi, __[r12 + random.Next(DataBytes - 2048)]);
        switch (random.Next(6))
        {
            case 0: a.rep.movsb(); break;
            case 1: a.rep.movsq(); break;
            case 2: a.rep.stosd(); break;
            case 3: a.repe.cmpsb(); break;
            case 4: a.repne.scasb(); break;
            default: a.movsw(); a.lodsd(); break;
        }
    }

    private static AssemblerMemoryOperand Address(Random random)
    {
        var displacement = random.Next(3) == 0 ? (4096 * random.Next(1, 3)) - random.Next(1, 16) : random.Next(DataBytes - 600);
        return random.Next(2) == 0 ? r12 + displacement : r12 + r13 * 8 + (displacement < 4096 ? displacement : displacement - 512);
    }

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}

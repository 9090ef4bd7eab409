using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.EmulatorSpeed;

/// <summary>Endless loops in the manner of compiled C, each with the guest ABI's poll.</summary>
internal static class Kernels
{
    public static IEnumerable<(string Name, Action<Assembler> Code)> All =>
    [
        ("integer loop", Integers), ("loads and stores", Memory), ("calls", Calls), ("double arithmetic", Doubles),
        ("hash", Hash), ("spin lock", Locks),
    ];

    private static void Poll(Assembler a)
    {
        var trap = a.CreateLabel();
        a.inc(r15);
        a.cmp(r15, __qword_ptr.gs[8]);
        a.jae(trap);
        Traps.Add(trap);
    }

    private static readonly List<Label> Traps = [];

    /// <summary>Puts the traps of a kernel behind it.</summary>
    public static void Finish(Assembler a)
    {
        foreach (var trap in Traps)
        {
            var label = trap;
            a.Label(ref label);
            a.nop();
        }

        a.@out(0x10, al);
        Traps.Clear();
    }

    private static void Integers(Assembler a)
    {
        var loop = a.CreateLabel();
        a.Label(ref loop);
        Poll(a);
        a.lea(rax, __[rax + rcx * 4 + 7]);
        a.mov(edx, eax);
        a.shr(edx, 3);
        a.xor(edx, eax);
        a.add(rbx, rdx);
        a.imul(ecx, eax, 37);
        a.and(ecx, 0xFFFF);
        a.add(esi, 1);
        a.cmp(esi, 1000000);
        a.jne(loop);
        a.xor(esi, esi);
        a.jmp(loop);
    }

    private static void Memory(Assembler a)
    {
        var outer = a.CreateLabel();
        var loop = a.CreateLabel();
        a.Label(ref outer);
        a.mov(edi, 0x20000);
        a.xor(eax, eax);
        a.Label(ref loop);
        Poll(a);
        a.mov(edx, __dword_ptr[rdi + rax * 4]);
        a.add(edx, __dword_ptr[rdi + rax * 4 + 4]);
        a.mov(__dword_ptr[rdi + rax * 4 + 8], edx);
        a.movzx(ecx, __byte_ptr[rdi + rax]);
        a.add(__qword_ptr[rdi + 0x8000], rcx);
        a.add(rax, 1);
        a.cmp(rax, 4096);
        a.jne(loop);
        a.jmp(outer);
    }

    private static void Calls(Assembler a)
    {
        var loop = a.CreateLabel();
        var function = a.CreateLabel();
        a.Label(ref loop);
        Poll(a);
        a.mov(edi, ebx);
        a.call(function);
        a.add(ebx, eax);
        a.jmp(loop);
        a.Label(ref function);
        Poll(a);
        a.push(rbp);
        a.mov(rbp, rsp);
        a.lea(eax, __[rdi + rdi * 2 + 1]);
        a.test(eax, eax);
        a.cmovs(eax, edi);
        a.pop(rbp);
        a.ret();
    }

    private static void Doubles(Assembler a)
    {
        var outer = a.CreateLabel();
        var loop = a.CreateLabel();
        a.mov(edi, 0x20000);
        a.mov(eax, 3);
        a.cvtsi2sd(xmm1, eax);
        a.mov(eax, 7);
        a.cvtsi2sd(xmm2, eax);
        a.Label(ref outer);
        a.xor(eax, eax);
        a.pxor(xmm0, xmm0);
        a.Label(ref loop);
        Poll(a);
        a.movsd(xmm3, __qword_ptr[rdi + rax * 8]);
        a.mulsd(xmm3, xmm1);
        a.addsd(xmm3, xmm2);
        a.divsd(xmm3, xmm2);
        a.movsd(__qword_ptr[rdi + rax * 8], xmm3);
        a.addsd(xmm0, xmm3);
        a.add(rax, 1);
        a.cmp(rax, 1024);
        a.jne(loop);
        a.jmp(outer);
    }

    private static void Hash(Assembler a)
    {
        var loop = a.CreateLabel();
        a.mov(rax, 0x9E3779B97F4A7C15);
        a.Label(ref loop);
        Poll(a);
        a.mov(rcx, rbx);
        a.shr(rcx, 33);
        a.xor(rbx, rcx);
        a.imul(rbx, rax);
        a.rol(rbx, 31);
        a.mov(rcx, rbx);
        a.mul(rcx);
        a.xor(rbx, rdx);
        a.mov(rax, 0x9E3779B97F4A7C15);
        a.add(rbx, 1);
        a.jne(loop);
        a.jmp(loop);
    }

    private static void Locks(Assembler a)
    {
        var loop = a.CreateLabel();
        var retry = a.CreateLabel();
        a.mov(edi, 0x20000);
        a.Label(ref loop);
        Poll(a);
        a.mov(ecx, 1);
        a.Label(ref retry);
        a.xor(eax, eax);
        a.@lock.cmpxchg(__dword_ptr[rdi], ecx);
        a.jne(retry);
        a.add(__qword_ptr[rdi + 64], 1);
        a.mov(__dword_ptr[rdi], 0);
        a.jmp(loop);
    }
}

using Iced.Intel;
using static Determinism.X86.Tests.GuestProgram;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.X86.Tests;

/// <summary>What guests may not use, with any clock.</summary>
public class AllowedInstructionsTests
{
    private static readonly Dictionary<string, (Action<Assembler> Write, string Reason)> Refused = new()
    {
        ["rdtsc"] = (code => code.rdtsc(), "clock"),
        ["rdtscp"] = (code => code.rdtscp(), "clock"),
        ["rdrand"] = (code => code.rdrand(rax), "random"),
        ["rdseed"] = (code => code.rdseed(eax), "random"),
        ["cpuid"] = (code => code.cpuid(), "processor"),
        ["xgetbv"] = (code => code.xgetbv(), "processor"),
        ["pushf"] = (code => code.pushfq(), "flags"),
        ["popf"] = (code => code.popfq(), "flags"),
        ["cli"] = (code => code.cli(), "flags"),
        ["sti"] = (code => code.sti(), "flags"),
        ["in"] = (code => code.@in(al, 0x10), "service"),
        ["in dx"] = (code => code.@in(eax, dx), "service"),
        ["out dx"] = (code => code.@out(dx, al), "service"),
        ["out eax"] = (code => code.@out(0x12, eax), "service"),
        ["ins"] = (code => code.insb(), "service"),
        ["rep outs"] = (code => code.rep.outsd(), "service"),
        ["ldmxcsr"] = (code => code.ldmxcsr(__dword_ptr[rsp]), "SSE control"),
        ["stmxcsr"] = (code => code.stmxcsr(__dword_ptr[rsp]), "SSE control"),
        ["rcpss"] = (code => code.rcpss(xmm0, xmm1), "approximation"),
        ["rsqrtss"] = (code => code.rsqrtss(xmm0, xmm1), "approximation"),
        ["hlt"] = (code => code.hlt(), "waits"),
        ["std"] = (code => code.std(), "direction flag"),
        ["fld1"] = (code => code.fld1(), "x87"),
        ["fnstsw"] = (code => code.fnstsw(ax), "x87"),
        ["vaddsd"] = (code => code.vaddsd(xmm0, xmm1, xmm2), "AVX"),
        ["andn"] = (code => code.andn(eax, ebx, ecx), "AVX or another extension"),
        ["syscall"] = (code => code.syscall(), "operating system"),
        ["int"] = (code => code.@int(0x80), "exception"),
        ["int3"] = (code => code.int3(), "exception"),
        ["ud2"] = (code => code.ud2(), "exception"),
        ["iretq"] = (code => code.iretq(), "far return"),
        ["retfq"] = (code => code.retf(), "far return"),
        ["far jump"] = (code => code.jmp(__fword_ptr[rax]), "far branch"),
        ["far call"] = (code => code.call(__fword_ptr[rax]), "far branch"),
        ["segment load"] = (code => code.mov(ds, eax), "segment register"),
        ["segment read"] = (code => code.mov(eax, gs), "segment register"),
        ["segment pop"] = (code => code.pop(fs), "segment register"),
        ["wrgsbase"] = (code => code.wrgsbase(rax), "not among"),
        ["swapgs"] = (code => code.swapgs(), "privileged"),
        ["control register"] = (code => code.mov(rax, cr0), "control"),
        ["debug register"] = (code => code.mov(dr7, rax), "control"),
        ["mmx"] = (code => code.paddq(mm0, mm1), "MMX"),
        ["mmx load"] = (code => code.movq(mm3, __qword_ptr[rax]), "MMX"),
        ["bswap of 16 bits"] = (code => code.db(0x66, 0x0F, 0xC8), "undefined"),
        ["16-bit jump"] = (code => code.db(0x66, 0x74, 0x00), "operand-size prefix"),
        ["prefixes in any order"] = (code => code.db(0x3E, 0x66, 0x75, 0x00), "operand-size prefix"),
        ["popcnt"] = (code => code.popcnt(eax, ebx), "not among"),
        ["lzcnt"] = (code => code.lzcnt(eax, ebx), "not among"),
        ["enter"] = (code => code.enter(8, 0), "not among"),
        ["xlat"] = (code => code.xlatb(), "not among"),
        ["pshufb"] = (code => code.pshufb(xmm0, xmm1), "not among"),
        ["xbegin"] = (code => code.xbegin(Base), "abort"),
        ["fxsave"] = (code => code.fxsave(__[rax]), "state"),
    };

    private static readonly Dictionary<string, Action<Assembler>> Accepted = new()
    {
        ["a service"] = code => code.@out(0x12, al),
        ["lahf and seto"] = code =>
        {
            code.cmp(rax, rax);
            code.lahf();
            code.seto(al);
        },
        ["locked"] = code => code.@lock.xadd(__dword_ptr[rdi], eax),
        ["cmpxchg16b"] = code => code.@lock.cmpxchg16b(__[rdi]),
        ["pause"] = code => code.pause(),
        ["rep movs"] = code => code.rep.movsb(),
        ["rep stos"] = code => code.rep.stosq(),
        ["cld"] = code => code.cld(),
        ["fences"] = code => code.mfence(),
        ["scalar SSE2"] = code => code.sqrtsd(xmm0, xmm1),
        ["packed SSE2"] = code => code.paddq(xmm0, xmm1),
        ["compare of strings, and of doubles"] = code =>
        {
            code.cmpsd();
            code.cmpltsd(xmm0, xmm1);
        },
        ["bsf as gcc writes it"] = code => code.tzcnt(eax, edi),
        ["bswap"] = code => code.bswap(eax),
        ["long nop"] = code => code.db(0x66, 0x2E, 0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0),
        ["endbr64"] = code => code.endbr64(),
        ["the vCPU's number"] = code => code.mov(eax, __dword_ptr.gs[24]),
    };

    public static TheoryData<string> RefusedNames => [.. Refused.Keys];

    public static TheoryData<string> AcceptedNames => [.. Accepted.Keys];

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public void An_instruction_that_depends_on_the_host_is_refused_with_any_clock(string name)
    {
        foreach (GuestCodeRules rules in Enum.GetValues<GuestCodeRules>())
        {
            GuestCodeReport report = Check(code =>
            {
                code.nop();
                Refused[name].Write(code);
                code.Exit();
            }, rules);
            CodeRefusal refusal = Assert.Single(report.Refusals, refusal => refusal.Kind == CodeRefusalKind.NotAllowed);
            Assert.Equal(Base + 1, refusal.Address);
            Assert.Contains(Refused[name].Reason, refusal.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(AcceptedNames))]
    public void What_compilers_write_is_accepted(string name)
    {
        AssertAccepted(code =>
        {
            Accepted[name](code);
            code.Exit();
        });
    }

    [Fact]
    public void A_branch_over_a_prefix_is_no_branch_with_a_prefix() =>
        // je +2 over xor ax, ax: 66 stands behind the opcode and is not the branch's.
        AssertAccepted(code =>
        {
            code.db(0x74, 0x03, 0x66, 0x31, 0xC0);
            code.Exit();
        });

    [Fact]
    public void Every_instruction_that_the_rules_name_as_nondeterministic_is_refused()
    {
        foreach (Code code in Enum.GetValues<Code>())
        {
            Instruction instruction = default;
            instruction.Code = code;
            if (NondeterministicInstructions.TryGetReason(instruction, out string? expected))
            {
                Assert.True(AllowedInstructions.TryGetRefusal(instruction, new byte[15], out string? reason));
                Assert.Equal(expected, reason);
            }
        }
    }
}

using System.Collections.Frozen;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>The instruction forms that the managed processor has to have.</summary>
internal static class InstructionForms
{
    private static readonly Mnemonic[] _mnemonics =
    [
        Mnemonic.Add, Mnemonic.Or, Mnemonic.Adc, Mnemonic.Sbb, Mnemonic.And, Mnemonic.Sub, Mnemonic.Xor, Mnemonic.Cmp,
        Mnemonic.Test, Mnemonic.Inc, Mnemonic.Dec, Mnemonic.Neg, Mnemonic.Not, Mnemonic.Imul, Mnemonic.Mul, Mnemonic.Div,
        Mnemonic.Idiv, Mnemonic.Shl, Mnemonic.Sal, Mnemonic.Shr, Mnemonic.Sar, Mnemonic.Rol, Mnemonic.Ror, Mnemonic.Rcl,
        Mnemonic.Rcr, Mnemonic.Shld, Mnemonic.Shrd, Mnemonic.Bt, Mnemonic.Bts, Mnemonic.Btr, Mnemonic.Btc, Mnemonic.Bsf,
        Mnemonic.Bsr, Mnemonic.Popcnt, Mnemonic.Lzcnt, Mnemonic.Tzcnt, Mnemonic.Mov, Mnemonic.Movzx, Mnemonic.Movsx,
        Mnemonic.Movsxd, Mnemonic.Lea, Mnemonic.Push, Mnemonic.Pop, Mnemonic.Leave, Mnemonic.Xchg, Mnemonic.Xadd,
        Mnemonic.Cmpxchg, Mnemonic.Cmpxchg8b, Mnemonic.Cmpxchg16b, Mnemonic.Bswap, Mnemonic.Cbw, Mnemonic.Cwde, Mnemonic.Cdqe,
        Mnemonic.Cwd, Mnemonic.Cdq, Mnemonic.Cqo, Mnemonic.Lahf, Mnemonic.Sahf, Mnemonic.Cld, Mnemonic.Clc, Mnemonic.Stc,
        Mnemonic.Cmc, Mnemonic.Nop, Mnemonic.Endbr64, Mnemonic.Pause, Mnemonic.Prefetchnta, Mnemonic.Prefetcht0,
        Mnemonic.Prefetcht1, Mnemonic.Prefetcht2, Mnemonic.Prefetchw, Mnemonic.Mfence, Mnemonic.Lfence, Mnemonic.Sfence,
        Mnemonic.Movsb, Mnemonic.Movsw, Mnemonic.Movsq, Mnemonic.Stosb, Mnemonic.Stosw, Mnemonic.Stosd, Mnemonic.Stosq,
        Mnemonic.Lodsb, Mnemonic.Lodsw, Mnemonic.Lodsd, Mnemonic.Lodsq, Mnemonic.Cmpsb, Mnemonic.Cmpsw, Mnemonic.Cmpsq,
        Mnemonic.Scasb, Mnemonic.Scasw, Mnemonic.Scasd, Mnemonic.Scasq,
        Mnemonic.Cmova, Mnemonic.Cmovae, Mnemonic.Cmovb, Mnemonic.Cmovbe, Mnemonic.Cmove, Mnemonic.Cmovg, Mnemonic.Cmovge,
        Mnemonic.Cmovl, Mnemonic.Cmovle, Mnemonic.Cmovne, Mnemonic.Cmovno, Mnemonic.Cmovnp, Mnemonic.Cmovns, Mnemonic.Cmovo,
        Mnemonic.Cmovp, Mnemonic.Cmovs, Mnemonic.Seta, Mnemonic.Setae, Mnemonic.Setb, Mnemonic.Setbe, Mnemonic.Sete,
        Mnemonic.Setg, Mnemonic.Setge, Mnemonic.Setl, Mnemonic.Setle, Mnemonic.Setne, Mnemonic.Setno, Mnemonic.Setnp,
        Mnemonic.Setns, Mnemonic.Seto, Mnemonic.Setp, Mnemonic.Sets,
        // SSE and SSE2
        Mnemonic.Addss, Mnemonic.Addsd, Mnemonic.Addps, Mnemonic.Addpd, Mnemonic.Subss, Mnemonic.Subsd, Mnemonic.Subps,
        Mnemonic.Subpd, Mnemonic.Mulss, Mnemonic.Mulsd, Mnemonic.Mulps, Mnemonic.Mulpd, Mnemonic.Divss, Mnemonic.Divsd,
        Mnemonic.Divps, Mnemonic.Divpd, Mnemonic.Sqrtss, Mnemonic.Sqrtsd, Mnemonic.Minss, Mnemonic.Minsd, Mnemonic.Maxss,
        Mnemonic.Maxsd, Mnemonic.Ucomiss, Mnemonic.Ucomisd, Mnemonic.Comiss, Mnemonic.Comisd, Mnemonic.Cmpss, Mnemonic.Cmpsd,
        Mnemonic.Cvtsi2ss, Mnemonic.Cvtsi2sd, Mnemonic.Cvtss2si, Mnemonic.Cvtsd2si, Mnemonic.Cvttss2si, Mnemonic.Cvttsd2si,
        Mnemonic.Cvtss2sd, Mnemonic.Cvtsd2ss, Mnemonic.Cvtdq2pd, Mnemonic.Cvtdq2ps, Mnemonic.Cvtps2pd, Mnemonic.Cvtpd2ps,
        Mnemonic.Cvtps2dq, Mnemonic.Cvttps2dq, Mnemonic.Cvtpd2dq, Mnemonic.Cvttpd2dq, Mnemonic.Movaps, Mnemonic.Movups,
        Mnemonic.Movapd, Mnemonic.Movupd, Mnemonic.Movdqa, Mnemonic.Movdqu, Mnemonic.Movq, Mnemonic.Movd, Mnemonic.Movss,
        Mnemonic.Movsd, Mnemonic.Movlps, Mnemonic.Movhps, Mnemonic.Movlpd, Mnemonic.Movhpd, Mnemonic.Movhlps,
        Mnemonic.Movlhps, Mnemonic.Movnti, Mnemonic.Movmskps, Mnemonic.Movmskpd, Mnemonic.Pmovmskb, Mnemonic.Andps,
        Mnemonic.Andpd, Mnemonic.Andnps, Mnemonic.Andnpd, Mnemonic.Orps, Mnemonic.Orpd, Mnemonic.Xorps, Mnemonic.Xorpd,
        Mnemonic.Pand, Mnemonic.Pandn, Mnemonic.Por, Mnemonic.Pxor, Mnemonic.Unpcklps, Mnemonic.Unpckhps, Mnemonic.Unpcklpd,
        Mnemonic.Unpckhpd, Mnemonic.Shufps, Mnemonic.Shufpd, Mnemonic.Pshufd, Mnemonic.Pshuflw, Mnemonic.Pshufhw,
        Mnemonic.Paddb, Mnemonic.Paddw, Mnemonic.Paddd, Mnemonic.Paddq, Mnemonic.Psubb, Mnemonic.Psubw, Mnemonic.Psubd,
        Mnemonic.Psubq, Mnemonic.Pcmpeqb, Mnemonic.Pcmpeqw, Mnemonic.Pcmpeqd, Mnemonic.Pcmpgtb, Mnemonic.Pcmpgtw,
        Mnemonic.Pcmpgtd, Mnemonic.Psllw, Mnemonic.Pslld, Mnemonic.Psllq, Mnemonic.Psrlw, Mnemonic.Psrld, Mnemonic.Psrlq,
        Mnemonic.Psraw, Mnemonic.Psrad, Mnemonic.Pslldq, Mnemonic.Psrldq, Mnemonic.Punpcklbw, Mnemonic.Punpcklwd,
        Mnemonic.Punpckldq, Mnemonic.Punpcklqdq, Mnemonic.Punpckhbw, Mnemonic.Punpckhwd, Mnemonic.Punpckhdq,
        Mnemonic.Punpckhqdq, Mnemonic.Pextrw, Mnemonic.Pinsrw, Mnemonic.Pmuludq, Mnemonic.Pmullw,
    ];

    private static readonly FrozenSet<CpuidFeature> _features = new[]
    {
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL386, CpuidFeature.INTEL486, CpuidFeature.X64,
        CpuidFeature.CMOV, CpuidFeature.CX8, CpuidFeature.CMPXCHG16B, CpuidFeature.SSE, CpuidFeature.SSE2,
        CpuidFeature.MULTIBYTENOP, CpuidFeature.PAUSE, CpuidFeature.PREFETCHW, CpuidFeature.CET_IBT,
    }.ToFrozenSet();

    // No compiler's output, and undefined (BSWAP of 16 bits), different between makers (MOVSXD of 16 bits loads four bytes on
    // AMD processors), or rightly refused by the managed processor (a stack of 16-bit words).
    private static readonly FrozenSet<Code> _leftOut = new[]
    {
        Code.Bswap_r16, Code.Movsxd_r16_rm16, Code.Push_r16, Code.Push_rm16, Code.Push_imm16, Code.Pushw_imm8, Code.Pop_r16, Code.Pop_rm16, Code.Leavew,
    }.ToFrozenSet();

    /// <summary>All forms without control flow that this processor has, too.</summary>
    public static Code[] All { get; } = Enum.GetValues<Code>().Distinct().Where(Wanted).ToArray();

    /// <summary>Those that have to do with flags, between registers or of registers and memory.</summary>
    public static Code[] WithFlags { get; } = All.Where(HasFlags).ToArray();

    private static bool HasFlags(Code code)
    {
        var instruction = new Instruction { Code = code };
        var flags = (uint)(instruction.RflagsRead | instruction.RflagsModified) & FlagEffects.Status;
        return flags != 0 && !instruction.IsStringInstruction;
    }

    private static bool Wanted(Code code)
    {
        var form = code.ToOpCode();
        if (!form.Mode64 || form.Encoding != EncodingKind.Legacy || _leftOut.Contains(code) || !_mnemonics.Contains(code.Mnemonic()))
            return false;
        foreach (var feature in code.CpuidFeatures())
        {
            var has = feature switch
            {
                CpuidFeature.POPCNT => Popcnt.IsSupported,
                CpuidFeature.LZCNT => Lzcnt.IsSupported,
                CpuidFeature.BMI1 => Bmi1.IsSupported,
                _ => _features.Contains(feature),
            };
            if (!has)
                return false;
        }
        for (var i = 0; i < form.OpCount; i++)
        {
            if (!OperandKinds.IsKnown(form.GetOpKind(i)))
                return false;
        }
        return true;
    }
}

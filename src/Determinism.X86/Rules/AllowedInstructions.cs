using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Iced.Intel;

namespace Determinism.X86;

/// <summary>The instructions that guests may use: integers and SSE2 of the baseline x86-64, without what depends on the
/// host. What is not listed is refused.</summary>
/// <remarks>The list is that of docs/guest-abi.md, "Instructions". Thread-safe.</remarks>
public static class AllowedInstructions
{
    private static readonly FrozenSet<Mnemonic> Listed = FrozenSet.Create<Mnemonic>(
    [
        .. ConditionalInstructions(), .. IntegerInstructions(), .. SseInstructions(), .. PackedIntegerInstructions(),
    ]);

    /// <summary>Tells whether guests may not use an instruction, and why.</summary>
    /// <param name="instruction">The instruction, a valid one.</param>
    /// <param name="code">Its bytes.</param>
    /// <param name="reason">Why not: a clause without subject, such as "reads the host's clock".</param>
    /// <returns>Whether it is refused.</returns>
    public static bool TryGetRefusal(
        in Instruction instruction, ReadOnlySpan<byte> code, [NotNullWhen(true)] out string? reason)
    {
        if (!NondeterministicInstructions.TryGetReason(instruction, out reason))
            reason = Listed.Contains(instruction.Mnemonic) ? RefuseForm(instruction, code) : RefuseUnlisted(instruction);
        return reason is not null;
    }

    private static string RefuseUnlisted(in Instruction instruction)
    {
        if (instruction.Mnemonic == Mnemonic.Std)
            return "sets the direction flag, which is always 0 in a guest";
        if (instruction.Encoding is not EncodingKind.Legacy)
            return "is AVX or another extension that not every processor has";
        foreach (CpuidFeature feature in instruction.CpuidFeatures)
        {
            if (feature is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387)
                return "is x87, whose state is no part of a guest's";
        }
        return instruction.FlowControl switch
        {
            FlowControl.Interrupt or FlowControl.Exception => "raises an exception, for which a guest has no handler",
            FlowControl.Call => "calls an operating system, which there is not",
            FlowControl.Return => "is a far return",
            _ when instruction.IsPrivileged => "is privileged",
            _ => "is not among the instructions that a guest may use",
        };
    }

    private static string? RefuseForm(in Instruction instruction, ReadOnlySpan<byte> code)
    {
        if (instruction.IsCallFar || instruction.IsCallFarIndirect || instruction.IsJmpFar || instruction.IsJmpFarIndirect)
            return "is a far branch";
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) != OpKind.Register)
                continue;
            Register register = instruction.GetOpRegister(operand);
            if (register.IsSegmentRegister())
                return "reads or loads a segment register";
            if (register.IsCR() || register.IsDR() || register.IsTR())
                return "reads or loads a control or debug register";
            if (register.IsMM())
                return "is MMX, whose registers are those of x87";
        }
        if (instruction.Code == Code.Bswap_r16)
            return "gives an undefined result";
        // Intel ignores the prefix, AMD cuts RIP off to 16 bits (APM volume 3, "Near Jumps").
        if (IsNearBranch(instruction) && HasOperandSizePrefix(code[..instruction.Length]))
            return "has an operand-size prefix, by which processors branch differently";
        return null;
    }

    private static bool IsNearBranch(in Instruction instruction) => instruction.FlowControl is FlowControl.ConditionalBranch
        or FlowControl.UnconditionalBranch or FlowControl.IndirectBranch or FlowControl.Call or FlowControl.IndirectCall
        or FlowControl.Return;

    private static bool HasOperandSizePrefix(ReadOnlySpan<byte> code)
    {
        foreach (byte value in code)
        {
            if (value == 0x66)
                return true;
            bool isPrefix = value is 0x26 or 0x2E or 0x36 or 0x3E or 0x64 or 0x65 or 0x67 or 0xF0 or 0xF2 or 0xF3;
            if (!isPrefix)
                return false;
        }
        return false;
    }

    private static ReadOnlySpan<Mnemonic> ConditionalInstructions() =>
    [
        Mnemonic.Ja, Mnemonic.Jae, Mnemonic.Jb, Mnemonic.Jbe, Mnemonic.Je, Mnemonic.Jg, Mnemonic.Jge, Mnemonic.Jl,
        Mnemonic.Jle, Mnemonic.Jne, Mnemonic.Jno, Mnemonic.Jnp, Mnemonic.Jns, Mnemonic.Jo, Mnemonic.Jp, Mnemonic.Js,
        Mnemonic.Jecxz, Mnemonic.Jrcxz, Mnemonic.Loop, Mnemonic.Loope, Mnemonic.Loopne,
        Mnemonic.Cmova, Mnemonic.Cmovae, Mnemonic.Cmovb, Mnemonic.Cmovbe, Mnemonic.Cmove, Mnemonic.Cmovg, Mnemonic.Cmovge,
        Mnemonic.Cmovl, Mnemonic.Cmovle, Mnemonic.Cmovne, Mnemonic.Cmovno, Mnemonic.Cmovnp, Mnemonic.Cmovns,
        Mnemonic.Cmovo, Mnemonic.Cmovp, Mnemonic.Cmovs,
        Mnemonic.Seta, Mnemonic.Setae, Mnemonic.Setb, Mnemonic.Setbe, Mnemonic.Sete, Mnemonic.Setg, Mnemonic.Setge,
        Mnemonic.Setl, Mnemonic.Setle, Mnemonic.Setne, Mnemonic.Setno, Mnemonic.Setnp, Mnemonic.Setns, Mnemonic.Seto,
        Mnemonic.Setp, Mnemonic.Sets,
    ];

    // TZCNT because gcc writes BSF so: they agree but for zero, where BSF gives nothing defined.
    private static ReadOnlySpan<Mnemonic> IntegerInstructions() =>
    [
        Mnemonic.Mov, Mnemonic.Movzx, Mnemonic.Movsx, Mnemonic.Movsxd, Mnemonic.Lea, Mnemonic.Xchg, Mnemonic.Push,
        Mnemonic.Pop, Mnemonic.Leave, Mnemonic.Call, Mnemonic.Jmp, Mnemonic.Ret, Mnemonic.Out,
        Mnemonic.Add, Mnemonic.Adc, Mnemonic.Sub, Mnemonic.Sbb, Mnemonic.Cmp, Mnemonic.Test, Mnemonic.And, Mnemonic.Or,
        Mnemonic.Xor, Mnemonic.Not, Mnemonic.Neg, Mnemonic.Inc, Mnemonic.Dec, Mnemonic.Mul, Mnemonic.Imul, Mnemonic.Div,
        Mnemonic.Idiv, Mnemonic.Shl, Mnemonic.Sal, Mnemonic.Shr, Mnemonic.Sar, Mnemonic.Rol, Mnemonic.Ror, Mnemonic.Rcl,
        Mnemonic.Rcr, Mnemonic.Shld, Mnemonic.Shrd, Mnemonic.Bt, Mnemonic.Bts, Mnemonic.Btr, Mnemonic.Btc, Mnemonic.Bsf,
        Mnemonic.Bsr, Mnemonic.Tzcnt, Mnemonic.Bswap, Mnemonic.Cbw, Mnemonic.Cwde, Mnemonic.Cdqe, Mnemonic.Cwd,
        Mnemonic.Cdq, Mnemonic.Cqo, Mnemonic.Xadd, Mnemonic.Cmpxchg, Mnemonic.Cmpxchg8b, Mnemonic.Cmpxchg16b,
        Mnemonic.Lahf, Mnemonic.Sahf, Mnemonic.Clc, Mnemonic.Stc, Mnemonic.Cmc, Mnemonic.Cld, Mnemonic.Nop,
        Mnemonic.Endbr64, Mnemonic.Pause, Mnemonic.Lfence, Mnemonic.Mfence, Mnemonic.Sfence, Mnemonic.Prefetchnta,
        Mnemonic.Prefetcht0, Mnemonic.Prefetcht1, Mnemonic.Prefetcht2,
        Mnemonic.Movsb, Mnemonic.Movsw, Mnemonic.Movsd, Mnemonic.Movsq, Mnemonic.Stosb, Mnemonic.Stosw, Mnemonic.Stosd,
        Mnemonic.Stosq, Mnemonic.Lodsb, Mnemonic.Lodsw, Mnemonic.Lodsd, Mnemonic.Lodsq, Mnemonic.Cmpsb, Mnemonic.Cmpsw,
        Mnemonic.Cmpsd, Mnemonic.Cmpsq, Mnemonic.Scasb, Mnemonic.Scasw, Mnemonic.Scasd, Mnemonic.Scasq,
    ];

    private static ReadOnlySpan<Mnemonic> SseInstructions() =>
    [
        Mnemonic.Movss, Mnemonic.Movaps, Mnemonic.Movapd, Mnemonic.Movups, Mnemonic.Movupd, Mnemonic.Movdqa,
        Mnemonic.Movdqu, Mnemonic.Movd, Mnemonic.Movq, Mnemonic.Movhps, Mnemonic.Movlps, Mnemonic.Movhpd, Mnemonic.Movlpd,
        Mnemonic.Movhlps, Mnemonic.Movlhps, Mnemonic.Movmskps, Mnemonic.Movmskpd, Mnemonic.Movntps, Mnemonic.Movntpd,
        Mnemonic.Movntdq, Mnemonic.Movnti,
        Mnemonic.Addss, Mnemonic.Addsd, Mnemonic.Addps, Mnemonic.Addpd, Mnemonic.Subss, Mnemonic.Subsd, Mnemonic.Subps,
        Mnemonic.Subpd, Mnemonic.Mulss, Mnemonic.Mulsd, Mnemonic.Mulps, Mnemonic.Mulpd, Mnemonic.Divss, Mnemonic.Divsd,
        Mnemonic.Divps, Mnemonic.Divpd, Mnemonic.Sqrtss, Mnemonic.Sqrtsd, Mnemonic.Sqrtps, Mnemonic.Sqrtpd,
        Mnemonic.Minss, Mnemonic.Minsd, Mnemonic.Minps, Mnemonic.Minpd, Mnemonic.Maxss, Mnemonic.Maxsd, Mnemonic.Maxps,
        Mnemonic.Maxpd, Mnemonic.Cmpss, Mnemonic.Cmpps, Mnemonic.Cmppd, Mnemonic.Comiss, Mnemonic.Comisd,
        Mnemonic.Ucomiss, Mnemonic.Ucomisd, Mnemonic.Andps, Mnemonic.Andpd, Mnemonic.Andnps, Mnemonic.Andnpd,
        Mnemonic.Orps, Mnemonic.Orpd, Mnemonic.Xorps, Mnemonic.Xorpd, Mnemonic.Shufps, Mnemonic.Shufpd, Mnemonic.Unpcklps,
        Mnemonic.Unpckhps, Mnemonic.Unpcklpd, Mnemonic.Unpckhpd,
        Mnemonic.Cvtsi2ss, Mnemonic.Cvtsi2sd, Mnemonic.Cvtss2si, Mnemonic.Cvtsd2si, Mnemonic.Cvttss2si, Mnemonic.Cvttsd2si,
        Mnemonic.Cvtss2sd, Mnemonic.Cvtsd2ss, Mnemonic.Cvtps2pd, Mnemonic.Cvtpd2ps, Mnemonic.Cvtdq2ps, Mnemonic.Cvtdq2pd,
        Mnemonic.Cvtps2dq, Mnemonic.Cvtpd2dq, Mnemonic.Cvttps2dq, Mnemonic.Cvttpd2dq,
    ];

    private static ReadOnlySpan<Mnemonic> PackedIntegerInstructions() =>
    [
        Mnemonic.Paddb, Mnemonic.Paddw, Mnemonic.Paddd, Mnemonic.Paddq, Mnemonic.Paddsb, Mnemonic.Paddsw,
        Mnemonic.Paddusb, Mnemonic.Paddusw, Mnemonic.Psubb, Mnemonic.Psubw, Mnemonic.Psubd, Mnemonic.Psubq,
        Mnemonic.Psubsb, Mnemonic.Psubsw, Mnemonic.Psubusb, Mnemonic.Psubusw, Mnemonic.Pmullw, Mnemonic.Pmulhw,
        Mnemonic.Pmulhuw, Mnemonic.Pmuludq, Mnemonic.Pmaddwd, Mnemonic.Psadbw, Mnemonic.Pavgb, Mnemonic.Pavgw,
        Mnemonic.Pminub, Mnemonic.Pminsw, Mnemonic.Pmaxub, Mnemonic.Pmaxsw, Mnemonic.Pand, Mnemonic.Pandn, Mnemonic.Por,
        Mnemonic.Pxor, Mnemonic.Pcmpeqb, Mnemonic.Pcmpeqw, Mnemonic.Pcmpeqd, Mnemonic.Pcmpgtb, Mnemonic.Pcmpgtw,
        Mnemonic.Pcmpgtd, Mnemonic.Psllw, Mnemonic.Pslld, Mnemonic.Psllq, Mnemonic.Pslldq, Mnemonic.Psrlw, Mnemonic.Psrld,
        Mnemonic.Psrlq, Mnemonic.Psrldq, Mnemonic.Psraw, Mnemonic.Psrad, Mnemonic.Pshufd, Mnemonic.Pshufhw,
        Mnemonic.Pshuflw, Mnemonic.Punpcklbw, Mnemonic.Punpcklwd, Mnemonic.Punpckldq, Mnemonic.Punpcklqdq,
        Mnemonic.Punpckhbw, Mnemonic.Punpckhwd, Mnemonic.Punpckhdq, Mnemonic.Punpckhqdq, Mnemonic.Packsswb,
        Mnemonic.Packssdw, Mnemonic.Packuswb, Mnemonic.Pextrw, Mnemonic.Pinsrw, Mnemonic.Pmovmskb,
    ];
}

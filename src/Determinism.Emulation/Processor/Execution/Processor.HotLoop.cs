using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Determinism.Emulation;

// The hot loop, which has to be one method and so one file. Its cases work on raw offsets from the state, because helpers
// would use up the just-in-time compiler's limit of 512 locals for inlining, and the method stays below the sizes at which
// it is no longer optimised (60,000 bytes of IL, 2,000 basic blocks). What is rare goes to Cold.
internal sealed unsafe partial class Processor
{
    /// <summary>Executes from RIP until something ends it; RIP, <see cref="ProcessorState.Budget"/> and <see cref="_exit"/> say where.</summary>
    /// <param name="budget">How many instructions may retire.</param>
    /// <returns>Why it ended.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ProcessorExitReason Interpret(long budget)
    {
        const int Rax = ProcessorState.RaxOffset;
        const int Rdx = ProcessorState.RdxOffset;
        const int Rsp = ProcessorState.RspOffset;
        const int Rbp = ProcessorState.RbpOffset;
        const int R15 = ProcessorState.R15Offset;
        const int GsBase = ProcessorState.GsBaseOffset;
        const int FlagA = ProcessorState.FlagAOffset;
        const int FlagB = ProcessorState.FlagBOffset;
        const int KindOfFlags = ProcessorState.FlagKindOffset;

        var s = (byte*)_state;
        var memory = _memory;
        var rights = _fastRights;
        var shift = _granuleShift;
        var granules = _granules;
        var mask = (1UL << shift) - 1;
        var buckets = _cache.Buckets;
        var rip = _state->Registers.Rip;
        ProcessorExitReason reason;
        MicroOp* op;
        Block* block;
        Block* next;
        ulong a, x, y;
        double d;
        float f;

    Indirect:
        next = *(buckets + CodeCache.Hash(rip));
        if (next != null && next->Rip == rip)
            goto Enter;
        next = FindOrBuild(rip);
        if (next != null)
            goto Enter;
        reason = budget == 0 ? ProcessorExitReason.Stopped : _exit.Reason;
        goto Finish;

    Branch:
        budget += op->Scale;
    Taken:
        next = ((Links*)(op + 1))->Taken;
        if (next == null)
        {
            rip = ((Links*)(op + 1))->TakenRip;
            next = FindAndLink((Links*)(op + 1));
            if (next == null)
            {
                reason = budget == 0 ? ProcessorExitReason.Stopped : _exit.Reason;
                goto Finish;
            }
        }

    Enter:
        if (budget < next->Length || ((ProcessorState*)s)->Attention != 0)
        {
            rip = next->Rip;
            goto Look;
        }

    Begin:
        block = next;
        budget -= block->Length;
        op = Block.Ops(block) - 1;

    Resume:
        while (true)
        {
            op++;
            switch (op->Kind)
            {
                case OpKind.Nop: continue;
                case OpKind.Mov8: *(s + op->Dst) = *(s + op->Src); continue;
                case OpKind.Mov16: *(ushort*)(s + op->Dst) = *(ushort*)(s + op->Src); continue;
                case OpKind.Mov32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Src); continue;
                case OpKind.Mov64: *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src); continue;
                case OpKind.MovZx8: *(ulong*)(s + op->Dst) = *(s + op->Src); continue;
                case OpKind.MovZx16: *(ulong*)(s + op->Dst) = *(ushort*)(s + op->Src); continue;
                case OpKind.MovSx8To32: *(ulong*)(s + op->Dst) = (uint)*(sbyte*)(s + op->Src); continue;
                case OpKind.MovSx8To64: *(long*)(s + op->Dst) = *(sbyte*)(s + op->Src); continue;
                case OpKind.MovSx16To32: *(ulong*)(s + op->Dst) = (uint)*(short*)(s + op->Src); continue;
                case OpKind.MovSx16To64: *(long*)(s + op->Dst) = *(short*)(s + op->Src); continue;
                case OpKind.MovSx32To64: *(long*)(s + op->Dst) = *(int*)(s + op->Src); continue;
                case OpKind.Lea32:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    *(ulong*)(s + op->Dst) = (uint)a; continue;
                case OpKind.Lea64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    *(ulong*)(s + op->Dst) = a; continue;
                case OpKind.Not32: *(ulong*)(s + op->Dst) = ~*(uint*)(s + op->Dst); continue;
                case OpKind.Not64: *(ulong*)(s + op->Dst) = ~*(ulong*)(s + op->Dst); continue;
                case OpKind.Bswap32: *(ulong*)(s + op->Dst) = BinaryPrimitives.ReverseEndianness(*(uint*)(s + op->Dst)); continue;
                case OpKind.Bswap64: *(ulong*)(s + op->Dst) = BinaryPrimitives.ReverseEndianness(*(ulong*)(s + op->Dst)); continue;
                case OpKind.Cdq: *(ulong*)(s + Rdx) = (uint)(*(int*)(s + Rax) >> 31); continue;
                case OpKind.Cqo: *(long*)(s + Rdx) = *(long*)(s + Rax) >> 63; continue;
                case OpKind.Rol32: *(ulong*)(s + op->Dst) = BitOperations.RotateLeft(*(uint*)(s + op->Dst), *(s + op->Src)); continue;
                case OpKind.Rol64: *(ulong*)(s + op->Dst) = BitOperations.RotateLeft(*(ulong*)(s + op->Dst), *(s + op->Src)); continue;
                case OpKind.Ror32: *(ulong*)(s + op->Dst) = BitOperations.RotateRight(*(uint*)(s + op->Dst), *(s + op->Src)); continue;
                case OpKind.Ror64: *(ulong*)(s + op->Dst) = BitOperations.RotateRight(*(ulong*)(s + op->Dst), *(s + op->Src)); continue;

                // Scalar and whole-register SSE; a result that is no number takes the slow way, since which NaN it is is x86's choice.
                case OpKind.MovX64: x = *(ulong*)(s + op->Src); *(ulong*)(s + op->Dst) = x; *(ulong*)(s + op->Dst + 8) = 0; continue;
                case OpKind.MovX128: *(UInt128*)(s + op->Dst) = *(UInt128*)(s + op->Src); continue;
                case OpKind.AddSd:
                    d = *(double*)(s + op->Dst) + *(double*)(s + op->Src);
                    *(double*)(s + op->Dst) = double.IsNaN(d) ? Sse.NotANumber(*(double*)(s + op->Dst), *(double*)(s + op->Src)) : d;
                    continue;
                case OpKind.SubSd:
                    d = *(double*)(s + op->Dst) - *(double*)(s + op->Src);
                    *(double*)(s + op->Dst) = double.IsNaN(d) ? Sse.NotANumber(*(double*)(s + op->Dst), *(double*)(s + op->Src)) : d;
                    continue;
                case OpKind.MulSd:
                    d = *(double*)(s + op->Dst) * *(double*)(s + op->Src);
                    *(double*)(s + op->Dst) = double.IsNaN(d) ? Sse.NotANumber(*(double*)(s + op->Dst), *(double*)(s + op->Src)) : d;
                    continue;
                case OpKind.DivSd:
                    d = *(double*)(s + op->Dst) / *(double*)(s + op->Src);
                    *(double*)(s + op->Dst) = double.IsNaN(d) ? Sse.NotANumber(*(double*)(s + op->Dst), *(double*)(s + op->Src)) : d;
                    continue;
                case OpKind.AddSs:
                    f = *(float*)(s + op->Dst) + *(float*)(s + op->Src);
                    *(float*)(s + op->Dst) = float.IsNaN(f) ? Sse.NotANumber(*(float*)(s + op->Dst), *(float*)(s + op->Src)) : f;
                    continue;
                case OpKind.SubSs:
                    f = *(float*)(s + op->Dst) - *(float*)(s + op->Src);
                    *(float*)(s + op->Dst) = float.IsNaN(f) ? Sse.NotANumber(*(float*)(s + op->Dst), *(float*)(s + op->Src)) : f;
                    continue;
                case OpKind.MulSs:
                    f = *(float*)(s + op->Dst) * *(float*)(s + op->Src);
                    *(float*)(s + op->Dst) = float.IsNaN(f) ? Sse.NotANumber(*(float*)(s + op->Dst), *(float*)(s + op->Src)) : f;
                    continue;
                case OpKind.DivSs:
                    f = *(float*)(s + op->Dst) / *(float*)(s + op->Src);
                    *(float*)(s + op->Dst) = float.IsNaN(f) ? Sse.NotANumber(*(float*)(s + op->Dst), *(float*)(s + op->Src)) : f;
                    continue;
                case OpKind.Cvtsi2Sd32: *(double*)(s + op->Dst) = *(int*)(s + op->Src); continue;
                case OpKind.Cvtsi2Sd64: *(double*)(s + op->Dst) = *(long*)(s + op->Src); continue;
                case OpKind.Cvttsd2Si32: *(ulong*)(s + op->Dst) = (uint)Sse.ToInt32(*(double*)(s + op->Src)); continue;
                case OpKind.Cvttsd2Si64: *(long*)(s + op->Dst) = Sse.ToInt64(*(double*)(s + op->Src)); continue;
                case OpKind.Cvtss2Sd: *(double*)(s + op->Dst) = Sse.Widen(*(float*)(s + op->Src)); continue;
                case OpKind.Cvtsd2Ss: *(float*)(s + op->Dst) = Sse.Narrow(*(double*)(s + op->Src)); continue;
                case OpKind.XorX:
                    x = *(ulong*)(s + op->Dst) ^ *(ulong*)(s + op->Src);
                    *(ulong*)(s + op->Dst + 8) = *(ulong*)(s + op->Dst + 8) ^ *(ulong*)(s + op->Src + 8); *(ulong*)(s + op->Dst) = x;
                    continue;
                case OpKind.AndX:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src);
                    *(ulong*)(s + op->Dst + 8) = *(ulong*)(s + op->Dst + 8) & *(ulong*)(s + op->Src + 8); *(ulong*)(s + op->Dst) = x;
                    continue;
                case OpKind.AndnX:
                    x = ~*(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src);
                    *(ulong*)(s + op->Dst + 8) = ~*(ulong*)(s + op->Dst + 8) & *(ulong*)(s + op->Src + 8); *(ulong*)(s + op->Dst) = x;
                    continue;
                case OpKind.OrX:
                    x = *(ulong*)(s + op->Dst) | *(ulong*)(s + op->Src);
                    *(ulong*)(s + op->Dst + 8) = *(ulong*)(s + op->Dst + 8) | *(ulong*)(s + op->Src + 8); *(ulong*)(s + op->Dst) = x;
                    continue;

                // Arithmetic, without and with flags.
                case OpKind.Add32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) + *(uint*)(s + op->Src); continue;
                case OpKind.Add32F:
                    x = *(uint*)(s + op->Dst); y = *(uint*)(s + op->Src); *(ulong*)(s + FlagA) = x << 32; *(ulong*)(s + FlagB) = y << 32;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Add32; *(ulong*)(s + op->Dst) = (uint)(x + y); continue;
                case OpKind.Add64: *(ulong*)(s + op->Dst) += *(ulong*)(s + op->Src); continue;
                case OpKind.Add64F:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Add64; *(ulong*)(s + op->Dst) = x + y; continue;
                case OpKind.Sub32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) - *(uint*)(s + op->Src); continue;
                case OpKind.Sub32F:
                    x = *(uint*)(s + op->Dst); y = *(uint*)(s + op->Src); *(ulong*)(s + FlagA) = x << 32; *(ulong*)(s + FlagB) = y << 32;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; *(ulong*)(s + op->Dst) = (uint)(x - y); continue;
                case OpKind.Sub64: *(ulong*)(s + op->Dst) -= *(ulong*)(s + op->Src); continue;
                case OpKind.Sub64F:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; *(ulong*)(s + op->Dst) = x - y; continue;
                case OpKind.And32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) & *(uint*)(s + op->Src); continue;
                case OpKind.And32F:
                    x = *(uint*)(s + op->Dst) & *(uint*)(s + op->Src); *(ulong*)(s + FlagA) = x << 32; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; *(ulong*)(s + op->Dst) = x; continue;
                case OpKind.And64: *(ulong*)(s + op->Dst) &= *(ulong*)(s + op->Src); continue;
                case OpKind.And64F:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; *(ulong*)(s + op->Dst) = x; continue;
                case OpKind.Or32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) | *(uint*)(s + op->Src); continue;
                case OpKind.Or32F:
                    x = *(uint*)(s + op->Dst) | *(uint*)(s + op->Src); *(ulong*)(s + FlagA) = x << 32; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; *(ulong*)(s + op->Dst) = x; continue;
                case OpKind.Or64: *(ulong*)(s + op->Dst) |= *(ulong*)(s + op->Src); continue;
                case OpKind.Or64F:
                    x = *(ulong*)(s + op->Dst) | *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; *(ulong*)(s + op->Dst) = x; continue;
                case OpKind.Xor32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) ^ *(uint*)(s + op->Src); continue;
                case OpKind.Xor32F:
                    x = *(uint*)(s + op->Dst) ^ *(uint*)(s + op->Src); *(ulong*)(s + FlagA) = x << 32; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; *(ulong*)(s + op->Dst) = x; continue;
                case OpKind.Xor64: *(ulong*)(s + op->Dst) ^= *(ulong*)(s + op->Src); continue;
                case OpKind.Xor64F:
                    x = *(ulong*)(s + op->Dst) ^ *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; *(ulong*)(s + op->Dst) = x; continue;
                case OpKind.Neg32: *(ulong*)(s + op->Dst) = 0 - *(uint*)(s + op->Dst); continue;
                case OpKind.Neg32F:
                    x = *(uint*)(s + op->Dst); *(ulong*)(s + FlagA) = 0; *(ulong*)(s + FlagB) = x << 32;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; *(ulong*)(s + op->Dst) = (uint)(0 - x); continue;
                case OpKind.Neg64: *(ulong*)(s + op->Dst) = 0 - *(ulong*)(s + op->Dst); continue;
                case OpKind.Neg64F:
                    x = *(ulong*)(s + op->Dst); *(ulong*)(s + FlagA) = 0; *(ulong*)(s + FlagB) = x;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; *(ulong*)(s + op->Dst) = 0 - x; continue;
                case OpKind.Imul32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Base) * *(uint*)(s + op->Src); continue;
                case OpKind.Imul32F:
                    x = (ulong)((long)*(int*)(s + op->Base) * *(int*)(s + op->Src)); *(ulong*)(s + FlagA) = (uint)x;
                    *(ulong*)(s + FlagB) = (long)x == (int)x ? 0ul : 1ul; *(FlagKind*)(s + KindOfFlags) = FlagKind.Product32;
                    *(ulong*)(s + op->Dst) = (uint)x; continue;
                case OpKind.Imul64: *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Base) * *(ulong*)(s + op->Src); continue;
                case OpKind.Imul64F:
                    y = (ulong)Math.BigMul(*(long*)(s + op->Base), *(long*)(s + op->Src), out var product);
                    *(ulong*)(s + FlagA) = (ulong)product; *(ulong*)(s + FlagB) = (long)y == product >> 63 ? 0ul : 1ul;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Product64; *(long*)(s + op->Dst) = product; continue;
                case OpKind.Mul32:
                    x = (ulong)*(uint*)(s + Rax) * *(uint*)(s + op->Src); *(ulong*)(s + Rax) = (uint)x; *(ulong*)(s + Rdx) = x >> 32;
                    continue;
                case OpKind.Mul64:
                    y = Math.BigMul(*(ulong*)(s + Rax), *(ulong*)(s + op->Src), out x); *(ulong*)(s + Rax) = x; *(ulong*)(s + Rdx) = y;
                    continue;
                case OpKind.Mul32F:
                    x = (ulong)*(uint*)(s + Rax) * *(uint*)(s + op->Src); *(ulong*)(s + FlagA) = (uint)x;
                    *(ulong*)(s + FlagB) = x >> 32 == 0 ? 0ul : 1ul; *(FlagKind*)(s + KindOfFlags) = FlagKind.Product32;
                    *(ulong*)(s + Rax) = (uint)x; *(ulong*)(s + Rdx) = x >> 32; continue;
                case OpKind.Mul64F:
                    y = Math.BigMul(*(ulong*)(s + Rax), *(ulong*)(s + op->Src), out x); *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y == 0 ? 0ul : 1ul; *(FlagKind*)(s + KindOfFlags) = FlagKind.Product64; *(ulong*)(s + Rax) = x;
                    *(ulong*)(s + Rdx) = y; continue;
                case OpKind.Shl32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) << *(s + op->Src); continue;
                case OpKind.Shl32F:
                    x = *(s + op->Src) & 31u;
                    if (x != 0)
                    {
                        *(ulong*)(s + FlagA) = *(uint*)(s + op->Dst);
                        *(ulong*)(s + FlagB) = x;
                        *(FlagKind*)(s + KindOfFlags) = FlagKind.Shl32;
                    }
                    *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) << *(s + op->Src); continue;
                case OpKind.Shl64: *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Dst) << *(s + op->Src); continue;
                case OpKind.Shl64F:
                    x = *(s + op->Src) & 63u;
                    if (x != 0)
                    {
                        *(ulong*)(s + FlagA) = *(ulong*)(s + op->Dst);
                        *(ulong*)(s + FlagB) = x;
                        *(FlagKind*)(s + KindOfFlags) = FlagKind.Shl64;
                    }
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Dst) << *(s + op->Src); continue;
                case OpKind.Shr32: *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) >> *(s + op->Src); continue;
                case OpKind.Shr32F:
                    x = *(s + op->Src) & 31u;
                    if (x != 0)
                    {
                        *(ulong*)(s + FlagA) = *(uint*)(s + op->Dst);
                        *(ulong*)(s + FlagB) = x;
                        *(FlagKind*)(s + KindOfFlags) = FlagKind.Shr32;
                    }
                    *(ulong*)(s + op->Dst) = *(uint*)(s + op->Dst) >> *(s + op->Src); continue;
                case OpKind.Shr64: *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Dst) >> *(s + op->Src); continue;
                case OpKind.Shr64F:
                    x = *(s + op->Src) & 63u;
                    if (x != 0)
                    {
                        *(ulong*)(s + FlagA) = *(ulong*)(s + op->Dst);
                        *(ulong*)(s + FlagB) = x;
                        *(FlagKind*)(s + KindOfFlags) = FlagKind.Shr64;
                    }
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Dst) >> *(s + op->Src); continue;
                case OpKind.Sar32: *(ulong*)(s + op->Dst) = (uint)(*(int*)(s + op->Dst) >> *(s + op->Src)); continue;
                case OpKind.Sar32F:
                    x = *(s + op->Src) & 31u;
                    if (x != 0)
                    {
                        *(ulong*)(s + FlagA) = *(uint*)(s + op->Dst);
                        *(ulong*)(s + FlagB) = x;
                        *(FlagKind*)(s + KindOfFlags) = FlagKind.Sar32;
                    }
                    *(ulong*)(s + op->Dst) = (uint)(*(int*)(s + op->Dst) >> *(s + op->Src)); continue;
                case OpKind.Sar64: *(long*)(s + op->Dst) = *(long*)(s + op->Dst) >> *(s + op->Src); continue;
                case OpKind.Sar64F:
                    x = *(s + op->Src) & 63u;
                    if (x != 0)
                    {
                        *(ulong*)(s + FlagA) = *(ulong*)(s + op->Dst);
                        *(ulong*)(s + FlagB) = x;
                        *(FlagKind*)(s + KindOfFlags) = FlagKind.Sar64;
                    }
                    *(long*)(s + op->Dst) = *(long*)(s + op->Dst) >> *(s + op->Src); continue;
                case OpKind.Cmp8:
                    *(ulong*)(s + FlagA) = (ulong)*(s + op->Dst) << 56; *(ulong*)(s + FlagB) = (ulong)*(s + op->Src) << 56;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub8; continue;
                case OpKind.Cmp16:
                    *(ulong*)(s + FlagA) = (ulong)*(ushort*)(s + op->Dst) << 48;
                    *(ulong*)(s + FlagB) = (ulong)*(ushort*)(s + op->Src) << 48; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub16; continue;
                case OpKind.Cmp32:
                    *(ulong*)(s + FlagA) = (ulong)*(uint*)(s + op->Dst) << 32; *(ulong*)(s + FlagB) = (ulong)*(uint*)(s + op->Src) << 32;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; continue;
                case OpKind.Cmp64:
                    *(ulong*)(s + FlagA) = *(ulong*)(s + op->Dst); *(ulong*)(s + FlagB) = *(ulong*)(s + op->Src);
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; continue;
                case OpKind.Test8:
                    *(ulong*)(s + FlagA) = (ulong)(*(s + op->Dst) & *(s + op->Src)) << 56; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub8; continue;
                case OpKind.Test16:
                    *(ulong*)(s + FlagA) = (ulong)(*(ushort*)(s + op->Dst) & *(ushort*)(s + op->Src)) << 48; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub16; continue;
                case OpKind.Test32:
                    *(ulong*)(s + FlagA) = (ulong)(*(uint*)(s + op->Dst) & *(uint*)(s + op->Src)) << 32; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; continue;
                case OpKind.Test64:
                    *(ulong*)(s + FlagA) = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; continue;
                case OpKind.Ucomisd: Sse.Compare((ProcessorState*)s, *(double*)(s + op->Dst), *(double*)(s + op->Src)); continue;
                case OpKind.Ucomiss: Sse.Compare((ProcessorState*)s, *(float*)(s + op->Dst), *(float*)(s + op->Src)); continue;

                // Loads and stores. The slow way decides what the quick test of one granule's rights cannot.
                case OpKind.Load8:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0) && !CheckLoad(a, 1)) goto Fault;
                    *(s + op->Dst) = memory[a]; continue;
                case OpKind.Load16:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 1) && !CheckLoad(a, 2))
                        goto Fault;
                    *(ushort*)(s + op->Dst) = *(ushort*)(memory + a); continue;
                case OpKind.Load32:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 3) && !CheckLoad(a, 4))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = *(uint*)(memory + a); continue;
                case OpKind.Load64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 7) && !CheckLoad(a, 8))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = *(ulong*)(memory + a); continue;
                case OpKind.LoadZx8:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0) && !CheckLoad(a, 1)) goto Fault;
                    *(ulong*)(s + op->Dst) = memory[a]; continue;
                case OpKind.LoadZx16:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 1) && !CheckLoad(a, 2))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = *(ushort*)(memory + a); continue;
                case OpKind.LoadSx8To32:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0) && !CheckLoad(a, 1)) goto Fault;
                    *(ulong*)(s + op->Dst) = (uint)*(sbyte*)(memory + a); continue;
                case OpKind.LoadSx8To64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0) && !CheckLoad(a, 1)) goto Fault;
                    *(long*)(s + op->Dst) = *(sbyte*)(memory + a); continue;
                case OpKind.LoadSx16To32:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 1) && !CheckLoad(a, 2))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = (uint)*(short*)(memory + a); continue;
                case OpKind.LoadSx16To64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 1) && !CheckLoad(a, 2))
                        goto Fault;
                    *(long*)(s + op->Dst) = *(short*)(memory + a); continue;
                case OpKind.LoadSx32To64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 3) && !CheckLoad(a, 4))
                        goto Fault;
                    *(long*)(s + op->Dst) = *(int*)(memory + a); continue;
                case OpKind.LoadX32:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 3) && !CheckLoad(a, 4))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = *(uint*)(memory + a); *(ulong*)(s + op->Dst + 8) = 0; continue;
                case OpKind.LoadX64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 7) && !CheckLoad(a, 8))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = *(ulong*)(memory + a); *(ulong*)(s + op->Dst + 8) = 0; continue;
                case OpKind.LoadX128:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 15) && !CheckLoad(a, 16))
                        goto Fault;
                    *(UInt128*)(s + op->Dst) = *(UInt128*)(memory + a); continue;
                case OpKind.LoadX128Aligned:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a & 15) != 0) goto Misaligned;
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 15) && !CheckLoad(a, 16))
                        goto Fault;
                    *(UInt128*)(s + op->Dst) = *(UInt128*)(memory + a); continue;
                case OpKind.LoadForStore8:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 2) == 0) && !CheckStore(a, 1)) goto Fault;
                    *(s + op->Dst) = *(byte*)(memory + a); continue;
                case OpKind.LoadForStore16:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 1) && !CheckStore(a, 2))
                        goto Fault;
                    *(ushort*)(s + op->Dst) = *(ushort*)(memory + a); continue;
                case OpKind.LoadForStore32:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 3) && !CheckStore(a, 4))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = *(uint*)(memory + a); continue;
                case OpKind.LoadForStore64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 7) && !CheckStore(a, 8))
                        goto Fault;
                    *(ulong*)(s + op->Dst) = *(ulong*)(memory + a); continue;
                case OpKind.Store8:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if (a >> shift >= granules || (rights[a >> shift] & 2) == 0)
                    {
                        if (!CheckStore(a, 1))
                            goto Fault;
                        *(byte*)(memory + a) = *(byte*)(s + op->Src);
                        goto SlowStore;
                    }
                    *(byte*)(memory + a) = *(byte*)(s + op->Src); continue;
                case OpKind.Store16:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if (a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 1)
                    {
                        if (!CheckStore(a, 2))
                            goto Fault;
                        *(ushort*)(memory + a) = *(ushort*)(s + op->Src);
                        goto SlowStore;
                    }
                    *(ushort*)(memory + a) = *(ushort*)(s + op->Src); continue;
                case OpKind.Store32:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if (a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 3)
                    {
                        if (!CheckStore(a, 4))
                            goto Fault;
                        *(uint*)(memory + a) = *(uint*)(s + op->Src);
                        goto SlowStore;
                    }
                    *(uint*)(memory + a) = *(uint*)(s + op->Src); continue;
                case OpKind.Store64:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if (a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 7)
                    {
                        if (!CheckStore(a, 8))
                            goto Fault;
                        *(ulong*)(memory + a) = *(ulong*)(s + op->Src);
                        goto SlowStore;
                    }
                    *(ulong*)(memory + a) = *(ulong*)(s + op->Src); continue;
                case OpKind.StoreX128:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if (a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 15)
                    {
                        if (!CheckStore(a, 16))
                            goto Fault;
                        *(UInt128*)(memory + a) = *(UInt128*)(s + op->Src);
                        goto SlowStore;
                    }
                    *(UInt128*)(memory + a) = *(UInt128*)(s + op->Src); continue;
                case OpKind.StoreX128Aligned:
                    a = *(ulong*)(s + op->Base) + (*(ulong*)(s + op->Index) << op->Scale) + (ulong)op->Displacement;
                    if ((a & 15) != 0) goto Misaligned;
                    if (a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 15)
                    {
                        if (!CheckStore(a, 16))
                            goto Fault;
                        *(UInt128*)(memory + a) = *(UInt128*)(s + op->Src);
                        goto SlowStore;
                    }
                    *(UInt128*)(memory + a) = *(UInt128*)(s + op->Src); continue;
                case OpKind.Push64:
                    a = *(ulong*)(s + Rsp) - 8;
                    if (a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 7)
                    {
                        if (!CheckStore(a, 8))
                            goto Fault;
                        *(ulong*)(memory + a) = *(ulong*)(s + op->Src);
                        *(ulong*)(s + Rsp) = a;
                        goto SlowStore;
                    }
                    *(ulong*)(memory + a) = *(ulong*)(s + op->Src); *(ulong*)(s + Rsp) = a; continue;
                case OpKind.Pop64:
                    a = *(ulong*)(s + Rsp);
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 7) && !CheckLoad(a, 8))
                        goto Fault;
                    *(ulong*)(s + Rsp) = a + 8; *(ulong*)(s + op->Dst) = *(ulong*)(memory + a); continue;
                case OpKind.Leave:
                    a = *(ulong*)(s + Rbp);
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 7) && !CheckLoad(a, 8))
                        goto Fault;
                    *(ulong*)(s + Rsp) = a + 8; *(ulong*)(s + Rbp) = *(ulong*)(memory + a); continue;

                // Control flow.
                case OpKind.Stale: budget += block->Length; rip = block->Rip; goto Indirect;
                case OpKind.FallThrough: goto Taken;
                case OpKind.Jump: goto Taken;
                case OpKind.JumpIndirect: rip = *(ulong*)(s + op->Src); goto Indirect;
                case OpKind.Call:
                    a = *(ulong*)(s + Rsp) - 8;
                    if ((a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 7) && !CheckStore(a, 8))
                        goto Fault;
                    *(ulong*)(memory + a) = ((Links*)(op + 1))->NextRip; *(ulong*)(s + Rsp) = a; goto Taken;
                case OpKind.CallIndirect:
                    rip = *(ulong*)(s + op->Src); a = *(ulong*)(s + Rsp) - 8;
                    if ((a >> shift >= granules || (rights[a >> shift] & 2) == 0 || (a & mask) > mask - 7) && !CheckStore(a, 8))
                        goto Fault;
                    *(ulong*)(memory + a) = ((Links*)(op + 1))->NextRip; *(ulong*)(s + Rsp) = a; goto Indirect;
                case OpKind.Ret:
                    a = *(ulong*)(s + Rsp);
                    if ((a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 7) && !CheckLoad(a, 8))
                        goto Fault;
                    *(ulong*)(s + Rsp) = a + 8 + (ulong)op->Immediate; rip = *(ulong*)(memory + a); goto Indirect;
                case OpKind.Poll:
                    a = *(ulong*)(s + GsBase) + 8;
                    if (a >> shift >= granules || (rights[a >> shift] & 1) == 0 || (a & mask) > mask - 7)
                    {
                        // One by one, so that the fault finds the increment done.
                        budget += block->Length - op->Ordinal;
                        rip = block->Rip + op->RipOffset;
                        goto Single;
                    }
                    x = *(ulong*)(s + R15) + 1; y = *(ulong*)(memory + a); *(ulong*)(s + R15) = x; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x >= y) goto Branch; op++; continue;
                case OpKind.Jcc:
                    if (Flags.Holds((ProcessorState*)s, op->Code)) goto Branch; op++; continue;
                case OpKind.JccSub:
                    if (*(ulong*)(s + FlagA) < *(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 1:
                    if (*(ulong*)(s + FlagA) >= *(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 2:
                    if (*(ulong*)(s + FlagA) == *(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 3:
                    if (*(ulong*)(s + FlagA) != *(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 4:
                    if (*(ulong*)(s + FlagA) <= *(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 5:
                    if (*(ulong*)(s + FlagA) > *(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 6:
                    if ((long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) < 0) goto Branch; op++; continue;
                case OpKind.JccSub + 7:
                    if ((long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) >= 0) goto Branch; op++; continue;
                case OpKind.JccSub + 8:
                    if ((long)*(ulong*)(s + FlagA) < (long)*(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 9:
                    if ((long)*(ulong*)(s + FlagA) >= (long)*(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 10:
                    if ((long)*(ulong*)(s + FlagA) <= (long)*(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.JccSub + 11:
                    if ((long)*(ulong*)(s + FlagA) > (long)*(ulong*)(s + FlagB)) goto Branch; op++; continue;
                case OpKind.SetccSub: *(s + op->Dst) = *(ulong*)(s + FlagA) < *(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 1: *(s + op->Dst) = *(ulong*)(s + FlagA) >= *(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 2: *(s + op->Dst) = *(ulong*)(s + FlagA) == *(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 3: *(s + op->Dst) = *(ulong*)(s + FlagA) != *(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 4: *(s + op->Dst) = *(ulong*)(s + FlagA) <= *(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 5: *(s + op->Dst) = *(ulong*)(s + FlagA) > *(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 6:
                    *(s + op->Dst) = (long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) < 0 ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 7:
                    *(s + op->Dst) = (long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) >= 0 ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 8:
                    *(s + op->Dst) = (long)*(ulong*)(s + FlagA) < (long)*(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 9:
                    *(s + op->Dst) = (long)*(ulong*)(s + FlagA) >= (long)*(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 10:
                    *(s + op->Dst) = (long)*(ulong*)(s + FlagA) <= (long)*(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.SetccSub + 11:
                    *(s + op->Dst) = (long)*(ulong*)(s + FlagA) > (long)*(ulong*)(s + FlagB) ? (byte)1 : (byte)0; continue;
                case OpKind.Cmov32Sub:
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + FlagA) < *(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 1:
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + FlagA) >= *(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 2:
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + FlagA) == *(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 3:
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + FlagA) != *(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 4:
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + FlagA) <= *(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 5:
                    *(ulong*)(s + op->Dst) = *(ulong*)(s + FlagA) > *(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 6:
                    *(ulong*)(s + op->Dst) = (long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) < 0 ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 7:
                    *(ulong*)(s + op->Dst) = (long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) >= 0 ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 8:
                    *(ulong*)(s + op->Dst) = (long)*(ulong*)(s + FlagA) < (long)*(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 9:
                    *(ulong*)(s + op->Dst) = (long)*(ulong*)(s + FlagA) >= (long)*(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 10:
                    *(ulong*)(s + op->Dst) = (long)*(ulong*)(s + FlagA) <= (long)*(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov32Sub + 11:
                    *(ulong*)(s + op->Dst) = (long)*(ulong*)(s + FlagA) > (long)*(ulong*)(s + FlagB) ? *(uint*)(s + op->Src) : *(uint*)(s + op->Dst);
                    continue;
                case OpKind.Cmov64Sub:
                    if (*(ulong*)(s + FlagA) < *(ulong*)(s + FlagB)) *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 1:
                    if (*(ulong*)(s + FlagA) >= *(ulong*)(s + FlagB)) *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 2:
                    if (*(ulong*)(s + FlagA) == *(ulong*)(s + FlagB)) *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 3:
                    if (*(ulong*)(s + FlagA) != *(ulong*)(s + FlagB)) *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 4:
                    if (*(ulong*)(s + FlagA) <= *(ulong*)(s + FlagB)) *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 5:
                    if (*(ulong*)(s + FlagA) > *(ulong*)(s + FlagB)) *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 6:
                    if ((long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) < 0)
                        *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 7:
                    if ((long)(*(ulong*)(s + FlagA) - *(ulong*)(s + FlagB)) >= 0)
                        *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 8:
                    if ((long)*(ulong*)(s + FlagA) < (long)*(ulong*)(s + FlagB))
                        *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 9:
                    if ((long)*(ulong*)(s + FlagA) >= (long)*(ulong*)(s + FlagB))
                        *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 10:
                    if ((long)*(ulong*)(s + FlagA) <= (long)*(ulong*)(s + FlagB))
                        *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.Cmov64Sub + 11:
                    if ((long)*(ulong*)(s + FlagA) > (long)*(ulong*)(s + FlagB))
                        *(ulong*)(s + op->Dst) = *(ulong*)(s + op->Src);
                    continue;
                case OpKind.JccCmp32:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x < y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 1:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x >= y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 2:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x == y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 3:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x != y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 4:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x <= y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 5:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x > y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 6:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32;
                    if ((long)(x - y) < 0) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 7:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32;
                    if ((long)(x - y) >= 0) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 8:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32;
                    if ((long)x < (long)y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 9:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32;
                    if ((long)x >= (long)y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 10:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32;
                    if ((long)x <= (long)y) goto Branch; op++; continue;
                case OpKind.JccCmp32 + 11:
                    x = (ulong)*(uint*)(s + op->Dst) << 32; y = (ulong)*(uint*)(s + op->Src) << 32; *(ulong*)(s + FlagA) = x;
                    *(ulong*)(s + FlagB) = y; *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32;
                    if ((long)x > (long)y) goto Branch; op++; continue;
                case OpKind.JccCmp64:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x < y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 1:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x >= y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 2:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x == y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 3:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x != y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 4:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x <= y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 5:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x > y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 6:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)(x - y) < 0) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 7:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)(x - y) >= 0) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 8:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x < (long)y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 9:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x >= (long)y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 10:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x <= (long)y) goto Branch; op++; continue;
                case OpKind.JccCmp64 + 11:
                    x = *(ulong*)(s + op->Dst); y = *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = y;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x > (long)y) goto Branch; op++; continue;
                case OpKind.JccTest32:
                    x = (ulong)(*(uint*)(s + op->Dst) & *(uint*)(s + op->Src)) << 32; *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x == 0) goto Branch; op++; continue;
                case OpKind.JccTest32 + 1:
                    x = (ulong)(*(uint*)(s + op->Dst) & *(uint*)(s + op->Src)) << 32; *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if (x != 0) goto Branch; op++; continue;
                case OpKind.JccTest32 + 2:
                    x = (ulong)(*(uint*)(s + op->Dst) & *(uint*)(s + op->Src)) << 32; *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if ((long)x < 0) goto Branch; op++; continue;
                case OpKind.JccTest32 + 3:
                    x = (ulong)(*(uint*)(s + op->Dst) & *(uint*)(s + op->Src)) << 32; *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if ((long)x >= 0) goto Branch; op++; continue;
                case OpKind.JccTest32 + 4:
                    x = (ulong)(*(uint*)(s + op->Dst) & *(uint*)(s + op->Src)) << 32; *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if ((long)x <= 0) goto Branch; op++; continue;
                case OpKind.JccTest32 + 5:
                    x = (ulong)(*(uint*)(s + op->Dst) & *(uint*)(s + op->Src)) << 32; *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub32; if ((long)x > 0) goto Branch; op++; continue;
                case OpKind.JccTest64:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x == 0) goto Branch; op++; continue;
                case OpKind.JccTest64 + 1:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if (x != 0) goto Branch; op++; continue;
                case OpKind.JccTest64 + 2:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x < 0) goto Branch; op++; continue;
                case OpKind.JccTest64 + 3:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x >= 0) goto Branch; op++; continue;
                case OpKind.JccTest64 + 4:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x <= 0) goto Branch; op++; continue;
                case OpKind.JccTest64 + 5:
                    x = *(ulong*)(s + op->Dst) & *(ulong*)(s + op->Src); *(ulong*)(s + FlagA) = x; *(ulong*)(s + FlagB) = 0;
                    *(FlagKind*)(s + KindOfFlags) = FlagKind.Sub64; if ((long)x > 0) goto Branch; op++; continue;

                default:
                    ((ProcessorState*)s)->Budget = budget;
                    var result = Cold(op);
                    budget = ((ProcessorState*)s)->Budget;
                    switch (result)
                    {
                        case ColdResult.Next:
                            continue;
                        case ColdResult.Branch:
                            goto Branch;
                        case ColdResult.Skip:
                            op++;
                            continue;
                        case ColdResult.Stored:
                            goto SlowStore;
                        case ColdResult.Repeated:
                            goto Taken;
                        case ColdResult.Interrupted:
                            rip = block->Rip + op->RipOffset;
                            goto Look;
                        case ColdResult.Left:
                            rip = ((Links*)(op + 1))->NextRip;
                            reason = _exit.Reason;
                            goto Finish;
                        case ColdResult.Stopped:
                            rip = block->Rip + op->RipOffset;
                            reason = ProcessorExitReason.Stopped;
                            goto Finish;
                        default:
                            goto Fault;
                    }
            }
        }

    SlowStore:
        // A store is the last operation of its instruction, so the block can end here if it is stale now.
        if (((ProcessorState*)s)->Attention == 0)
            goto Resume;
        budget += block->Length - op->Ordinal - 1;
        rip = block->Rip + op[1].RipOffset;

    Look:
        // Something wants to be seen to, or the next block is longer than the budget.
        if (((ProcessorState*)s)->Attention != 0 && Attend() && budget != 0)
        {
            reason = ProcessorExitReason.Requested;
            goto Finish;
        }

        next = FindOrBuild(rip);
        if (next == null)
        {
            reason = budget == 0 ? ProcessorExitReason.Stopped : _exit.Reason;
            goto Finish;
        }

        if (budget >= next->Length)
            goto Begin;

    Single:
        reason = ProcessorExitReason.Stopped;
        if (budget == 0)
            goto Finish;
        next = FindOrBuildSingle(rip);
        if (next != null)
            goto Begin;
        reason = _exit.Reason;
        goto Finish;

    Misaligned:
        SetMisaligned(a);
    Fault:
        // Nothing of the instruction has happened; those after it in the block have not been reached.
        budget += block->Length - op->Ordinal;
        rip = block->Rip + op->RipOffset;
        reason = _exit.Reason;

    Finish:
        _state->Budget = budget;
        _state->Registers.Rip = rip;
        return reason;
    }
}

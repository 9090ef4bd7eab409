using Iced.Intel;

namespace Determinism.Emulation;

// Packed integers, lane by lane: compilers make few of them without vectorising.
internal sealed unsafe partial class Processor
{
    private void PackedInteger(MicroOp* op)
    {
        var a = (byte*)_state + op->Dst;
        var b = (byte*)_state + op->Src;
        var operation = (Mnemonic)op->Code;
        switch (operation)
        {
            case Mnemonic.Paddq or Mnemonic.Psubq or Mnemonic.Pmuludq:
                for (var i = 0; i < 2; i++)
                    ((ulong*)a)[i] = Quadwords(operation, ((ulong*)a)[i], ((ulong*)b)[i]);
                break;
            case Mnemonic.Paddd or Mnemonic.Psubd or Mnemonic.Pcmpeqd or Mnemonic.Pcmpgtd:
                for (var i = 0; i < 4; i++)
                    ((int*)a)[i] = Doublewords(operation, ((int*)a)[i], ((int*)b)[i]);
                break;
            case Mnemonic.Pmaddwd:
                for (var i = 0; i < 4; i++)
                    ((int*)a)[i] = (((short*)a)[2 * i] * ((short*)b)[2 * i]) + (((short*)a)[(2 * i) + 1] * ((short*)b)[(2 * i) + 1]);
                break;
            case Mnemonic.Psadbw:
                for (var i = 0; i < 2; i++)
                {
                    var sum = 0;
                    for (var j = 8 * i; j < 8 * (i + 1); j++)
                        sum += Math.Abs(a[j] - b[j]);
                    ((ulong*)a)[i] = (ulong)sum;
                }

                break;
            case Mnemonic.Paddb or Mnemonic.Psubb or Mnemonic.Pcmpeqb or Mnemonic.Pcmpgtb or Mnemonic.Pminub or Mnemonic.Pmaxub
                or Mnemonic.Pavgb or Mnemonic.Paddsb or Mnemonic.Paddusb or Mnemonic.Psubsb or Mnemonic.Psubusb:
                for (var i = 0; i < 16; i++)
                    a[i] = Bytes(operation, a[i], b[i]);
                break;
            default:
                for (var i = 0; i < 8; i++)
                    ((short*)a)[i] = Words(operation, ((short*)a)[i], ((short*)b)[i]);
                break;
        }
    }

    private static ulong Quadwords(Mnemonic operation, ulong a, ulong b) => operation switch
    {
        Mnemonic.Paddq => a + b,
        Mnemonic.Psubq => a - b,
        _ => (ulong)(uint)a * (uint)b,
    };

    private static int Doublewords(Mnemonic operation, int a, int b) => operation switch
    {
        Mnemonic.Paddd => a + b,
        Mnemonic.Psubd => a - b,
        Mnemonic.Pcmpeqd => a == b ? -1 : 0,
        _ => a > b ? -1 : 0,
    };

    private static short Words(Mnemonic operation, short a, short b) => operation switch
    {
        Mnemonic.Paddw => (short)(a + b),
        Mnemonic.Psubw => (short)(a - b),
        Mnemonic.Pcmpeqw => (short)(a == b ? -1 : 0),
        Mnemonic.Pcmpgtw => (short)(a > b ? -1 : 0),
        Mnemonic.Pmullw => (short)(a * b),
        Mnemonic.Pmulhw => (short)((a * b) >> 16),
        Mnemonic.Pmulhuw => (short)((uint)((ushort)a * (uint)(ushort)b) >> 16),
        Mnemonic.Pminsw => Math.Min(a, b),
        Mnemonic.Pmaxsw => Math.Max(a, b),
        Mnemonic.Pavgw => (short)(((ushort)a + (ushort)b + 1) >> 1),
        Mnemonic.Paddsw => (short)Math.Clamp(a + b, short.MinValue, short.MaxValue),
        Mnemonic.Psubsw => (short)Math.Clamp(a - b, short.MinValue, short.MaxValue),
        Mnemonic.Paddusw => (short)Math.Min((ushort)a + (ushort)b, ushort.MaxValue),
        _ => (short)Math.Max((ushort)a - (ushort)b, 0),
    };

    private static byte Bytes(Mnemonic operation, byte a, byte b) => operation switch
    {
        Mnemonic.Paddb => (byte)(a + b),
        Mnemonic.Psubb => (byte)(a - b),
        Mnemonic.Pcmpeqb => (byte)(a == b ? 0xFF : 0),
        Mnemonic.Pcmpgtb => (byte)((sbyte)a > (sbyte)b ? 0xFF : 0),
        Mnemonic.Pminub => Math.Min(a, b),
        Mnemonic.Pmaxub => Math.Max(a, b),
        Mnemonic.Pavgb => (byte)((a + b + 1) >> 1),
        Mnemonic.Paddsb => (byte)Math.Clamp((sbyte)a + (sbyte)b, sbyte.MinValue, sbyte.MaxValue),
        Mnemonic.Psubsb => (byte)Math.Clamp((sbyte)a - (sbyte)b, sbyte.MinValue, sbyte.MaxValue),
        Mnemonic.Paddusb => (byte)Math.Min(a + b, byte.MaxValue),
        _ => (byte)Math.Max(a - b, 0),
    };

    private void PackedShift(MicroOp* op)
    {
        var a = (byte*)_state + op->Dst;
        var count = *(ulong*)((byte*)_state + op->Src);
        var operation = (Mnemonic)op->Code;
        switch (operation)
        {
            case Mnemonic.Pslldq:
                *(UInt128*)a = count > 15 ? 0 : *(UInt128*)a << (8 * (int)count);
                break;
            case Mnemonic.Psrldq:
                *(UInt128*)a = count > 15 ? 0 : *(UInt128*)a >> (8 * (int)count);
                break;
            case Mnemonic.Psllq or Mnemonic.Psrlq:
                for (var i = 0; i < 2; i++)
                    ((ulong*)a)[i] = count > 63 ? 0 : operation == Mnemonic.Psllq ? ((ulong*)a)[i] << (int)count : ((ulong*)a)[i] >> (int)count;
                break;
            case Mnemonic.Pslld or Mnemonic.Psrld:
                for (var i = 0; i < 4; i++)
                    ((uint*)a)[i] = count > 31 ? 0 : operation == Mnemonic.Pslld ? ((uint*)a)[i] << (int)count : ((uint*)a)[i] >> (int)count;
                break;
            case Mnemonic.Psllw or Mnemonic.Psrlw:
                for (var i = 0; i < 8; i++)
                    ((ushort*)a)[i] = (ushort)(count > 15 ? 0 : operation == Mnemonic.Psllw ? ((ushort*)a)[i] << (int)count : ((ushort*)a)[i] >> (int)count);
                break;
            case Mnemonic.Psrad:
                for (var i = 0; i < 4; i++)
                    ((int*)a)[i] >>= (int)Math.Min(count, 31);
                break;
            default:
                for (var i = 0; i < 8; i++)
                    ((short*)a)[i] >>= (int)Math.Min(count, 15);
                break;
        }
    }

    private void Shuffle(MicroOp* op)
    {
        var result = (byte*)_state + op->Dst;
        var b = *(UInt128*)((byte*)_state + op->Src);
        var order = (int)op->Immediate;
        if ((Mnemonic)op->Code == Mnemonic.Pextrw)
        {
            WriteRegister(op->Dst, 4, ((ushort*)&b)[order & 7]);
            return;
        }

        var a = *(UInt128*)result;
        switch ((Mnemonic)op->Code)
        {
            case Mnemonic.Pinsrw:
                ((ushort*)result)[order & 7] = (ushort)b;
                break;
            case Mnemonic.Pshufd:
                for (var i = 0; i < 4; i++)
                    ((uint*)result)[i] = ((uint*)&b)[(order >> (2 * i)) & 3];
                break;
            case Mnemonic.Pshuflw:
                *(UInt128*)result = b;
                for (var i = 0; i < 4; i++)
                    ((ushort*)result)[i] = ((ushort*)&b)[(order >> (2 * i)) & 3];
                break;
            case Mnemonic.Pshufhw:
                *(UInt128*)result = b;
                for (var i = 0; i < 4; i++)
                    ((ushort*)result)[4 + i] = ((ushort*)&b)[4 + ((order >> (2 * i)) & 3)];
                break;
            case Mnemonic.Shufps:
                for (var i = 0; i < 4; i++)
                    ((uint*)result)[i] = (i < 2 ? (uint*)&a : (uint*)&b)[(order >> (2 * i)) & 3];
                break;
            case Mnemonic.Shufpd:
                ((ulong*)result)[0] = ((ulong*)&a)[order & 1];
                ((ulong*)result)[1] = ((ulong*)&b)[(order >> 1) & 1];
                break;
            case Mnemonic.Packsswb or Mnemonic.Packuswb or Mnemonic.Packssdw:
                Pack((Mnemonic)op->Code, result, (short*)&a, (short*)&b);
                break;
            case Mnemonic.Punpcklbw:
                Interleave(result, (byte*)&a, (byte*)&b, 1);
                break;
            case Mnemonic.Punpckhbw:
                Interleave(result, (byte*)&a + 8, (byte*)&b + 8, 1);
                break;
            case Mnemonic.Punpcklwd:
                Interleave(result, (byte*)&a, (byte*)&b, 2);
                break;
            case Mnemonic.Punpckhwd:
                Interleave(result, (byte*)&a + 8, (byte*)&b + 8, 2);
                break;
            case Mnemonic.Punpckldq or Mnemonic.Unpcklps:
                Interleave(result, (byte*)&a, (byte*)&b, 4);
                break;
            default:
                Interleave(result, (byte*)&a + 8, (byte*)&b + 8, 4);
                break;
        }
    }

    private static void Interleave(byte* result, byte* a, byte* b, int size)
    {
        for (var i = 0; i < 16; i++)
        {
            var pair = i / (2 * size);
            result[i] = ((i / size) & 1) == 0 ? a[(pair * size) + (i % size)] : b[(pair * size) + (i % size)];
        }
    }

    private static void Pack(Mnemonic operation, byte* result, short* a, short* b)
    {
        for (var i = 0; i < 8; i++)
        {
            switch (operation)
            {
                case Mnemonic.Packsswb:
                    result[i] = (byte)Math.Clamp(a[i], (short)sbyte.MinValue, (short)sbyte.MaxValue);
                    result[8 + i] = (byte)Math.Clamp(b[i], (short)sbyte.MinValue, (short)sbyte.MaxValue);
                    break;
                case Mnemonic.Packuswb:
                    result[i] = (byte)Math.Clamp(a[i], (short)0, (short)byte.MaxValue);
                    result[8 + i] = (byte)Math.Clamp(b[i], (short)0, (short)byte.MaxValue);
                    break;
                default:
                    ((short*)result)[i] = (short)Math.Clamp((i < 4 ? (int*)a : (int*)b)[i & 3], short.MinValue, short.MaxValue);
                    break;
            }
        }
    }

    private void ExtractMask(MicroOp* op)
    {
        var b = (byte*)_state + op->Src;
        var (lanes, size) = (Mnemonic)op->Code switch
        {
            Mnemonic.Pmovmskb => (16, 1),
            Mnemonic.Movmskps => (4, 4),
            _ => (2, 8),
        };
        ulong mask = 0;
        for (var i = 0; i < lanes; i++)
            mask |= (ulong)(b[(i * size) + size - 1] >> 7) << i;
        WriteRegister(op->Dst, 4, mask);
    }
}

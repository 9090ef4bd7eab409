using Iced.Intel;

namespace Determinism.Emulation;

// Scalar floating point that is not hot, and conversions.
internal sealed unsafe partial class Processor
{
    private static double Operate(Mnemonic operation, double a, double b, int predicate)
    {
        double result;
        switch (operation)
        {
            case Mnemonic.Addsd or Mnemonic.Addpd:
                result = a + b;
                break;
            case Mnemonic.Subsd or Mnemonic.Subpd:
                result = a - b;
                break;
            case Mnemonic.Mulsd or Mnemonic.Mulpd:
                result = a * b;
                break;
            case Mnemonic.Divsd or Mnemonic.Divpd:
                result = a / b;
                break;
            case Mnemonic.Sqrtsd or Mnemonic.Sqrtpd:
                return Sse.SquareRoot(b);
            // The second operand wins if the two are unordered or both zero.
            case Mnemonic.Minsd or Mnemonic.Minpd:
                return a < b ? a : b;
            case Mnemonic.Maxsd or Mnemonic.Maxpd:
                return a > b ? a : b;
            default:
                return BitConverter.UInt64BitsToDouble(Sse.Compares(a, b, predicate) ? ulong.MaxValue : 0);
        }

        return double.IsNaN(result) ? Sse.NotANumber(a, b) : result;
    }

    private static float Operate(Mnemonic operation, float a, float b, int predicate)
    {
        float result;
        switch (operation)
        {
            case Mnemonic.Addss or Mnemonic.Addps:
                result = a + b;
                break;
            case Mnemonic.Subss or Mnemonic.Subps:
                result = a - b;
                break;
            case Mnemonic.Mulss or Mnemonic.Mulps:
                result = a * b;
                break;
            case Mnemonic.Divss or Mnemonic.Divps:
                result = a / b;
                break;
            case Mnemonic.Sqrtss or Mnemonic.Sqrtps:
                return Sse.SquareRoot(b);
            case Mnemonic.Minss or Mnemonic.Minps:
                return a < b ? a : b;
            case Mnemonic.Maxss or Mnemonic.Maxps:
                return a > b ? a : b;
            default:
                return BitConverter.UInt32BitsToSingle(Sse.Compares(a, b, predicate) ? uint.MaxValue : 0);
        }

        return float.IsNaN(result) ? Sse.NotANumber(a, b) : result;
    }

    private void ScalarSse(MicroOp* op)
    {
        var destination = (byte*)_state + op->Dst;
        var source = (byte*)_state + op->Src;
        var operation = (Mnemonic)op->Code;
        if (operation == Mnemonic.Movss)
            *(uint*)destination = *(uint*)source;
        else if (op->Size == 8)
            *(double*)destination = Operate(operation, *(double*)destination, *(double*)source, (int)op->Immediate);
        else
            *(float*)destination = Operate(operation, *(float*)destination, *(float*)source, (int)op->Immediate);
    }

    private void PackedFloat(MicroOp* op)
    {
        var destination = (byte*)_state + op->Dst;
        var source = (byte*)_state + op->Src;
        var operation = (Mnemonic)op->Code;
        if (operation is Mnemonic.Addpd or Mnemonic.Subpd or Mnemonic.Mulpd or Mnemonic.Divpd or Mnemonic.Sqrtpd or Mnemonic.Minpd
            or Mnemonic.Maxpd or Mnemonic.Cmppd)
        {
            for (var i = 0; i < 2; i++)
                ((double*)destination)[i] = Operate(operation, ((double*)destination)[i], ((double*)source)[i], (int)op->Immediate);
            return;
        }

        for (var i = 0; i < 4; i++)
            ((float*)destination)[i] = Operate(operation, ((float*)destination)[i], ((float*)source)[i], (int)op->Immediate);
    }

    private void ConvertSse(MicroOp* op)
    {
        var destination = (byte*)_state + op->Dst;
        var source = (byte*)_state + op->Src;
        // Some results overlap sources not yet read.
        var copy = *(UInt128*)source;
        var integers = (int*)&copy;
        var floats = (float*)&copy;
        var doubles = (double*)&copy;
        switch ((Mnemonic)op->Code)
        {
            case Mnemonic.Cvtsi2ss:
                *(float*)destination = op->Size == 8 ? *(long*)source : *(int*)source;
                break;
            case Mnemonic.Cvtsd2si:
                WriteInteger(op, Sse.Round(doubles[0]));
                break;
            case Mnemonic.Cvtss2si:
                WriteInteger(op, Sse.Round(floats[0]));
                break;
            case Mnemonic.Cvttss2si:
                WriteInteger(op, floats[0]);
                break;
            case Mnemonic.Cvtdq2pd:
                ((double*)destination)[0] = integers[0];
                ((double*)destination)[1] = integers[1];
                break;
            case Mnemonic.Cvtps2pd:
                ((double*)destination)[0] = Sse.Widen(floats[0]);
                ((double*)destination)[1] = Sse.Widen(floats[1]);
                break;
            case Mnemonic.Cvtpd2ps:
                ((float*)destination)[0] = Sse.Narrow(doubles[0]);
                ((float*)destination)[1] = Sse.Narrow(doubles[1]);
                ((ulong*)destination)[1] = 0;
                break;
            case Mnemonic.Cvtdq2ps:
                for (var i = 0; i < 4; i++)
                    ((float*)destination)[i] = integers[i];
                break;
            case Mnemonic.Cvttps2dq:
                for (var i = 0; i < 4; i++)
                    ((int*)destination)[i] = Sse.ToInt32(floats[i]);
                break;
            case Mnemonic.Cvtps2dq:
                for (var i = 0; i < 4; i++)
                    ((int*)destination)[i] = Sse.ToInt32(Sse.Round(floats[i]));
                break;
            case Mnemonic.Cvttpd2dq:
                ((int*)destination)[0] = Sse.ToInt32(doubles[0]);
                ((int*)destination)[1] = Sse.ToInt32(doubles[1]);
                ((ulong*)destination)[1] = 0;
                break;
            default:
                ((int*)destination)[0] = Sse.ToInt32(Sse.Round(doubles[0]));
                ((int*)destination)[1] = Sse.ToInt32(Sse.Round(doubles[1]));
                ((ulong*)destination)[1] = 0;
                break;
        }
    }

    private void WriteInteger(MicroOp* op, double value) =>
        WriteRegister(op->Dst, op->Size, op->Size == 8 ? (ulong)Sse.ToInt64(value) : (uint)Sse.ToInt32(value));
}

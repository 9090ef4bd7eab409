using System.Runtime.CompilerServices;
using Iced.Intel;

namespace Determinism.Emulation;

// String instructions. One iteration faults or happens as a whole; between iterations RCX, RSI and RDI are exact.
internal sealed unsafe partial class Processor
{
    private const int Rcx = 1;
    private const int Rsi = 6;
    private const int Rdi = 7;
    private const ulong DirectionFlag = 0x400;

    private ColdResult StringOnce(MicroOp* op) => Iterate(op, out _) ? ColdResult.Stored : ColdResult.Fault;

    private ColdResult StringRepeated(MicroOp* op)
    {
        ref var count = ref _state->Registers.Gpr[Rcx];
        if (_state->Budget == 0)
            return ColdResult.Stopped;
        if (count == 0)
        {
            _state->Budget--;
            return ColdResult.Repeated;
        }

        while (true)
        {
            if (_state->Budget == 0)
                return ColdResult.Stopped;
            var done = Bulk(op);
            if (done == 0)
            {
                if (!Iterate(op, out var equal))
                    return ColdResult.Fault;
                done = 1;
                count--;
                if (count == 0 || StopsOn(op, equal))
                {
                    _state->Budget--;
                    return ColdResult.Repeated;
                }
            }
            else if (count == 0)
            {
                _state->Budget -= (long)done;
                return ColdResult.Repeated;
            }

            _state->Budget -= (long)done;
            if (Volatile.Read(ref _state->Attention) != 0)
                return ColdResult.Interrupted;
        }
    }

    private static bool StopsOn(MicroOp* op, bool equal) => Compares(op) && equal == (op->Immediate != 0);

    private static bool Compares(MicroOp* op) => (Mnemonic)op->Code is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd
        or Mnemonic.Cmpsq or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Scasq;

    /// <summary>One iteration, RCX excepted.</summary>
    /// <returns>Whether it could be done.</returns>
    private bool Iterate(MicroOp* op, out bool equal)
    {
        equal = false;
        var size = op->Size;
        ref var source = ref _state->Registers.Gpr[Rsi];
        ref var destination = ref _state->Registers.Gpr[Rdi];
        var step = (_state->Registers.Rflags & DirectionFlag) == 0 ? (ulong)size : 0 - (ulong)size;
        switch ((Mnemonic)op->Code)
        {
            case Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Movsq:
                if (!CheckLoad(source, (uint)size) || !CheckStore(destination, (uint)size))
                    return false;
                WriteMemory(_memory + destination, size, ReadMemory(_memory + source, size));
                source += step;
                destination += step;
                return true;
            case Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Stosq:
                if (!CheckStore(destination, (uint)size))
                    return false;
                WriteMemory(_memory + destination, size, _state->Registers.Gpr[0]);
                destination += step;
                return true;
            case Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Lodsq:
                if (!CheckLoad(source, (uint)size))
                    return false;
                WriteRegister(ProcessorState.RaxOffset, size, ReadMemory(_memory + source, size));
                source += step;
                return true;
            case Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq:
            {
                if (!CheckLoad(source, (uint)size) || !CheckLoad(destination, (uint)size))
                    return false;
                var left = ReadMemory(_memory + source, size);
                var right = ReadMemory(_memory + destination, size);
                Arithmetic(Mnemonic.Cmp, size, left, right);
                equal = left == right;
                source += step;
                destination += step;
                return true;
            }
            default:
            {
                if (!CheckLoad(destination, (uint)size))
                    return false;
                var left = ReadRegister(ProcessorState.RaxOffset, size);
                var right = ReadMemory(_memory + destination, size);
                Arithmetic(Mnemonic.Cmp, size, left, right);
                equal = left == right;
                destination += step;
                return true;
            }
        }
    }

    /// <summary>As many iterations of a forward REP MOVS or REP STOS as lie inside one granule each way.</summary>
    /// <returns>How many; 0 if they have to be done one by one.</returns>
    private ulong Bulk(MicroOp* op)
    {
        var moves = (Mnemonic)op->Code is Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Movsq;
        var stores = (Mnemonic)op->Code is Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Stosq;
        if ((!moves && !stores) || (_state->Registers.Rflags & DirectionFlag) != 0)
            return 0;
        var size = (ulong)op->Size;
        ref var registers = ref _state->Registers;
        var destination = registers.Gpr[Rdi];
        var iterations = Math.Min(Math.Min(registers.Gpr[Rcx], (ulong)_state->Budget), InGranule(destination, size, MayStore));
        if (moves)
        {
            var source = registers.Gpr[Rsi];
            iterations = Math.Min(iterations, InGranule(source, size, MayLoad));
            // A destination that begins inside the source repeats what has just been moved: that is done step by step.
            if (iterations == 0 || destination - source < iterations * size)
                return 0;
            Buffer.MemoryCopy(_memory + source, _memory + destination, iterations * size, iterations * size);
            registers.Gpr[Rsi] += iterations * size;
        }
        else
        {
            Fill(_memory + destination, op->Size, registers.Gpr[0], (int)iterations);
        }

        registers.Gpr[Rdi] += iterations * size;
        registers.Gpr[Rcx] -= iterations;
        return iterations;
    }

    private ulong InGranule(ulong address, ulong size, byte right)
    {
        var granule = address >> _granuleShift;
        return granule >= _granules || (_fastRights[granule] & right) == 0 ? 0 : (_granuleBytes - (address & (_granuleBytes - 1))) / size;
    }

    private static void Fill(byte* memory, int size, ulong value, int count)
    {
        switch (size)
        {
            case 1:
                new Span<byte>(memory, count).Fill((byte)value);
                break;
            case 2:
                new Span<ushort>(memory, count).Fill((ushort)value);
                break;
            case 4:
                new Span<uint>(memory, count).Fill((uint)value);
                break;
            default:
                new Span<ulong>(memory, count).Fill(value);
                break;
        }
    }

    private static void WriteMemory(byte* memory, int size, ulong value)
    {
        switch (size)
        {
            case 1:
                *memory = (byte)value;
                break;
            case 2:
                *(ushort*)memory = (ushort)value;
                break;
            case 4:
                *(uint*)memory = (uint)value;
                break;
            default:
                *(ulong*)memory = value;
                break;
        }
    }
}

using System.Runtime.CompilerServices;
using Iced.Intel;

namespace Determinism.Emulation;

// Operations that read and write memory as one: atomic whether locked or not, which x86 allows and the guest cannot tell.
internal sealed unsafe partial class Processor
{
    /// <summary>There is no 16-byte compare-exchange in the base library: those of all processors of the process take
    /// turns. They are atomic to each other and to locked operations of none.</summary>
    private static int s_pairLock;

    private ColdResult AtomicOperation(MicroOp* op)
    {
        var address = _state->Address;
        var size = op->Kind == OpKind.PopMemory ? 8 : op->Size;
        if (op->Kind == OpKind.PopMemory && !CheckLoad(_state->Registers.Gpr[4], 8))
            return ColdResult.Fault;
        if (op->Kind == OpKind.BitMemory)
            address += BitStringOffset(op);
        if (op->Kind == OpKind.CmpxchgPair && size == 16 && (address & 15) != 0)
        {
            SetMisaligned(address);
            return ColdResult.Fault;
        }

        var reads = op->Kind == OpKind.BitMemory && (Mnemonic)op->Code == Mnemonic.Bt;
        if (!(reads ? CheckLoad(address, (uint)size) : CheckStore(address, (uint)size)))
            return ColdResult.Fault;
        var memory = _memory + address;
        switch (op->Kind)
        {
            case OpKind.PopMemory:
                *(ulong*)memory = *(ulong*)(_memory + _state->Registers.Gpr[4]);
                _state->Registers.Gpr[4] += 8;
                break;
            case OpKind.XchgMemory:
                WriteRegister(op->Src, size, ExchangeMemory(memory, size, ReadRegister(op->Src, size)));
                break;
            case OpKind.CmpxchgPair:
                ComparePair(memory, size);
                break;
            case OpKind.BitMemory when reads:
                ChangeBit(Mnemonic.Bt, size, ReadMemory(memory, size), (int)ReadRegister(op->Src, size));
                break;
            case OpKind.CmpxchgMemory:
                CompareExchangeMemory(op, memory);
                break;
            default:
                ReadModifyWrite(op, memory);
                break;
        }

        return ColdResult.Stored;
    }

    private ulong BitStringOffset(MicroOp* op)
    {
        var bits = 8 * op->Size;
        // An immediate is below the operand's size already.
        var number = Signed(ReadRegister(op->Src, op->Size), bits);
        return (ulong)((number >> System.Numerics.BitOperations.Log2((uint)bits)) * op->Size);
    }

    private void ReadModifyWrite(MicroOp* op, byte* memory)
    {
        var size = op->Size;
        var operation = (Mnemonic)op->Code;
        var source = op->Kind == OpKind.LockedUnary ? 0 : ReadRegister(op->Src, size);
        // The carry that goes in is that from before, however often the exchange has to be tried.
        var before = Flags.Materialize(_state);
        while (true)
        {
            var old = ReadMemory(memory, size);
            _state->Registers.Rflags = before;
            _state->FlagKind = FlagKind.Rflags;
            var changed = op->Kind switch
            {
                OpKind.LockedAlu => Arithmetic(operation, size, old, source),
                OpKind.LockedUnary => Unary(operation, size, old),
                OpKind.XaddMemory => Arithmetic(Mnemonic.Add, size, old, source),
                _ => ChangeBit(operation, size, old, (int)source),
            };
            if (CompareExchangeMemory(memory, size, changed, old) != old)
                continue;
            if (op->Kind == OpKind.XaddMemory)
                WriteRegister(op->Src, size, old);
            return;
        }
    }

    private void CompareExchangeMemory(MicroOp* op, byte* memory)
    {
        var size = op->Size;
        var expected = ReadRegister(ProcessorState.RaxOffset, size);
        var old = CompareExchangeMemory(memory, size, ReadRegister(op->Src, size), expected);
        Arithmetic(Mnemonic.Cmp, size, expected, old);
        if (old != expected)
            WriteRegister(ProcessorState.RaxOffset, size, old);
    }

    private void CompareExchange(MicroOp* op)
    {
        var size = op->Size;
        var expected = ReadRegister(ProcessorState.RaxOffset, size);
        var old = ReadRegister(op->Dst, size);
        Arithmetic(Mnemonic.Cmp, size, expected, old);
        if (old == expected)
        {
            WriteRegister(op->Dst, size, ReadRegister(op->Src, size));
        }
        else
        {
            WriteRegister(ProcessorState.RaxOffset, size, old);
        }
    }

    private void ComparePair(byte* memory, int size)
    {
        ref var registers = ref _state->Registers;
        bool equal;
        if (size == 8)
        {
            var expected = (registers.Gpr[2] << 32) | (uint)registers.Gpr[0];
            var old = CompareExchangeMemory(memory, 8, (registers.Gpr[1] << 32) | (uint)registers.Gpr[3], expected);
            equal = old == expected;
            if (!equal)
            {
                registers.Gpr[0] = (uint)old;
                registers.Gpr[2] = old >> 32;
            }
        }
        else
        {
            var halves = (ulong*)memory;
            var spinner = new SpinWait();
            while (Interlocked.CompareExchange(ref s_pairLock, 1, 0) != 0)
                spinner.SpinOnce(-1);
            var low = halves[0];
            var high = halves[1];
            equal = low == registers.Gpr[0] && high == registers.Gpr[2];
            if (equal)
            {
                halves[0] = registers.Gpr[3];
                halves[1] = registers.Gpr[1];
            }

            Volatile.Write(ref s_pairLock, 0);
            Interlocked.MemoryBarrier();
            if (!equal)
            {
                registers.Gpr[0] = low;
                registers.Gpr[2] = high;
            }
        }

        Flags.Change(_state, Flags.Zero, equal ? Flags.Zero : 0);
    }

    private static ulong ReadMemory(byte* memory, int size) => size switch
    {
        1 => Volatile.Read(ref *memory),
        2 => Volatile.Read(ref *(ushort*)memory),
        4 => Volatile.Read(ref *(uint*)memory),
        _ => Volatile.Read(ref *(ulong*)memory),
    };

    private static ulong ExchangeMemory(byte* memory, int size, ulong value) => size switch
    {
        1 => Interlocked.Exchange(ref *memory, (byte)value),
        2 => Interlocked.Exchange(ref *(ushort*)memory, (ushort)value),
        4 => Interlocked.Exchange(ref *(uint*)memory, (uint)value),
        _ => Interlocked.Exchange(ref *(ulong*)memory, value),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong CompareExchangeMemory(byte* memory, int size, ulong value, ulong expected) => size switch
    {
        1 => Interlocked.CompareExchange(ref *memory, (byte)value, (byte)expected),
        2 => Interlocked.CompareExchange(ref *(ushort*)memory, (ushort)value, (ushort)expected),
        4 => Interlocked.CompareExchange(ref *(uint*)memory, (uint)value, (uint)expected),
        _ => Interlocked.CompareExchange(ref *(ulong*)memory, value, expected),
    };
}

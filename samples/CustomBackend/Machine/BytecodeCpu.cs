using System.Buffers.Binary;

namespace CustomBackend.Machine;

/// <summary>One CPU: eight registers of 64 bits, a place in the code, a count of instructions.</summary>
public sealed class BytecodeCpu(int number, PagedMemory memory)
{
    public const int StateBytes = (8 * 8) + 8 + 1;
    private const uint InstructionBytes = 8;

    private readonly MemoryTouch[] _touches = new MemoryTouch[3];
    private int _touchCount;
    private uint _returnTo;
    private bool _isInHandler;
    private int _stopRequest;
    private int _throwOut;

    public ulong[] Registers { get; } = new ulong[8];

    public uint Place { get; set; }

    public ulong Count { get; private set; }

    /// <summary>All that the forbidden instruction touches, its own bytes included.</summary>
    public ReadOnlySpan<MemoryTouch> Touches => _touches.AsSpan(0, _touchCount);

    public bool TakesInterrupts => !_isInHandler;

    public void RequestStop() => Volatile.Write(ref _stopRequest, 1);

    public void ThrowOut() => Volatile.Write(ref _throwOut, 1);

    /// <summary>Goes to an interrupt handler; register 7 tells it what for.</summary>
    public void Interrupt(uint handler, ulong value)
    {
        (_returnTo, Place, _isInHandler, Registers[7]) = (Place, handler, true, value);
    }

    public int CopyState(Span<byte> destination)
    {
        for (int index = 0; index < Registers.Length; index++)
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(8 * index)..], Registers[index]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[64..], Place);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[68..], _returnTo);
        destination[72] = _isInHandler ? (byte)1 : (byte)0;
        return StateBytes;
    }

    /// <summary>Runs up to a count. A request to stop is used up, whatever it came out for.</summary>
    public CpuExit Run(ulong stopAt)
    {
        CpuExit exit = Loop(stopAt);
        Interlocked.Exchange(ref _stopRequest, 0);
        return exit;
    }

    private CpuExit Loop(ulong stopAt)
    {
        while (true)
        {
            if (Volatile.Read(ref _throwOut) != 0 && Interlocked.Exchange(ref _throwOut, 0) != 0)
                return new CpuExit(CpuExitReason.ThrownOut);
            if (Count >= stopAt || Volatile.Read(ref _stopRequest) != 0)
                return new CpuExit(CpuExitReason.Stopped);
            _touchCount = 0;
            if (!Touch(Place, InstructionBytes, PageRight.Read))
                return new CpuExit(CpuExitReason.Forbidden);
            ulong word = memory.Load(Place);
            var opcode = (Opcode)(byte)word;
            int a = (byte)(word >> 8) & 7, b = (byte)(word >> 16) & 7, c = (byte)(word >> 24) & 7;
            var literal = (uint)(word >> 32);
            if (!Execute(opcode, a, b, c, literal))
                return new CpuExit(CpuExitReason.Forbidden);
            Count++;
            if (opcode == Opcode.Service)
                return new CpuExit(CpuExitReason.Service, literal);
            // It takes interrupts again: one may have come meanwhile.
            if (opcode == Opcode.Return)
                return new CpuExit(CpuExitReason.Stopped);
        }
    }

    /// <summary>Does one instruction, or nothing of it.</summary>
    private bool Execute(Opcode opcode, int a, int b, int c, uint literal)
    {
        ulong[] r = Registers;
        uint next = Place + InstructionBytes, address = (uint)r[b] + literal;
        switch (opcode)
        {
            case Opcode.Set:
                r[a] = literal;
                break;
            case Opcode.AddNumber:
                r[a] = r[b] + (ulong)(int)literal;
                break;
            case Opcode.Add:
                r[a] = r[b] + r[c];
                break;
            case Opcode.Multiply:
                r[a] = r[b] * r[c];
                break;
            case Opcode.Fold:
                r[a] = r[b] ^ (r[b] >> (int)literal);
                break;
            case Opcode.Load:
                if (!Touch(address, 8, PageRight.Read))
                    return false;
                r[a] = memory.Load(address);
                break;
            case Opcode.Store:
                if (!Touch(address, 8, PageRight.Write))
                    return false;
                memory.Store(address, r[a]);
                break;
            case Opcode.Move:
                // Both, so that who grants the one grants the other too.
                if (!(Touch((uint)r[b], 8, PageRight.Read) & Touch((uint)r[a], 8, PageRight.Write)))
                    return false;
                memory.Store((uint)r[a], memory.Load((uint)r[b]));
                break;
            case Opcode.AtomicAdd when address % 8 == 0:
                if (!Touch(address, 8, PageRight.Write))
                    return false;
                memory.AtomicAdd(address, r[a]);
                break;
            case Opcode.JumpIf:
                next = r[a] != 0 ? literal : next;
                break;
            case Opcode.Service:
                break;
            case Opcode.Return:
                (next, _isInHandler) = (_returnTo, false);
                break;
            default:
                throw new InvalidOperationException($"CPU {number} cannot do {opcode} at 0x{Place:X}.");
        }
        Place = next;
        return true;
    }

    private bool Touch(uint address, uint size, PageRight needs)
    {
        if (address > memory.Length - size)
            throw new InvalidOperationException($"CPU {number} leaves its memory at 0x{Place:X}.");
        var touch = new MemoryTouch(address, size, needs);
        _touches[_touchCount++] = touch;
        return memory.Allows(number, touch);
    }
}

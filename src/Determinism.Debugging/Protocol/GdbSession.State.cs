namespace Determinism.Debugging.Protocol;

/// <summary>Registers, memory, points.</summary>
internal sealed partial class GdbSession
{
    private const int MostPoints = 4096;

    // "$", "#", two digits, and what tells data from none.
    private const int FrameBytes = 5;

    private readonly HashSet<DebugPoint> _points = [];

    /// <summary>The most bytes of memory that a reply holds.</summary>
    private int MostMemoryBytes => (_packetBytes - FrameBytes) / 2;

    private void ReadRegisters()
    {
        var reply = new Reply();
        int thread = Selected(_general);
        for (int register = 0; register < _target.Description.Registers.Count; register++)
            AppendRegister(reply, thread, register);
        Answer(reply);
    }

    private void ReadRegister(PacketText text)
    {
        int register = TakeRegister(ref text);
        text.End();
        var reply = new Reply();
        AppendRegister(reply, Selected(_general), register);
        Answer(reply);
    }

    private void WriteRegister(PacketText text)
    {
        int register = TakeRegister(ref text);
        text.Skip('=');
        byte[] value = text.TakeHexBytes();
        if (value.Length != _target.Description.Registers[register].Bytes)
            throw new PacketException(PacketError.Malformed);
        _target.WriteRegister(Selected(_general), register, value);
        Ok();
    }

    private void WriteRegisters(PacketText text)
    {
        byte[] values = text.TakeHexBytes();
        IReadOnlyList<RegisterDescription> registers = _target.Description.Registers;
        if (values.Length != registers.Sum(register => register.Bytes))
            throw new PacketException(PacketError.Malformed);
        int thread = Selected(_general), at = 0;
        for (int register = 0; register < registers.Count; at += registers[register++].Bytes)
            _target.WriteRegister(thread, register, values.AsSpan(at, registers[register].Bytes));
        Ok();
    }

    private int TakeRegister(ref PacketText text)
    {
        int register = text.TakeSmallNumber();
        return register < _target.Description.Registers.Count ? register : throw new PacketException(PacketError.NoRegister);
    }

    private void AppendRegister(Reply reply, int thread, int register)
    {
        Span<byte> value = stackalloc byte[TargetDescription.LargestRegister];
        value = value[.._target.Description.Registers[register].Bytes];
        if (_target.TryReadRegister(thread, register, value))
        {
            reply.HexBytes(value);
            return;
        }
        for (int index = 0; index < value.Length; index++)
            reply.Text("xx");
    }

    private void ReadMemory(PacketText text)
    {
        ulong address = text.TakeNumber();
        text.Skip(',');
        ulong length = text.TakeNumber();
        text.End();
        // A reply may hold less than was asked for, as long as it holds something.
        var bytes = new byte[(int)Math.Min(length, (ulong)MostMemoryBytes)];
        int count = bytes.Length == 0 ? 0 : _target.ReadMemory(address, bytes);
        if (count == 0 && length > 0)
            throw new PacketException(PacketError.BadAddress);
        Answer(new Reply().HexBytes(bytes.AsSpan(0, count)));
    }

    private void WriteMemory(PacketText text, bool isHex)
    {
        ulong address = text.TakeNumber();
        text.Skip(',');
        ulong length = text.TakeNumber();
        text.Skip(':');
        ReadOnlySpan<byte> bytes = isHex ? text.TakeHexBytes() : text.Rest;
        if ((ulong)bytes.Length != length)
            throw new PacketException(PacketError.Malformed);
        // With nothing to write, the debugger asks whether it may write so.
        if (!bytes.IsEmpty)
            _target.WriteMemory(address, bytes);
        Ok();
    }

    private void SetPoint(PacketText text, bool isSet)
    {
        ulong kind = text.TakeNumber();
        text.Skip(',');
        ulong address = text.TakeNumber();
        text.Skip(',');
        ulong size = text.TakeNumber();
        text.End();
        if (kind > (ulong)DebugPointKind.AccessWatchpoint || !_target.Supports((DebugPointKind)kind))
        {
            Unsupported();
            return;
        }
        var point = new DebugPoint((DebugPointKind)kind, address, size);
        if (!point.IsBreakpoint && (size == 0 || address + (size - 1) < address))
            throw new PacketException(PacketError.Malformed);
        // Both may come again: the debugger was not sure whether they had arrived.
        if (!isSet)
            _points.Remove(point);
        else if (_points.Count < MostPoints || _points.Contains(point))
            _points.Add(point);
        else
            throw new PacketException(PacketError.TooMany);
        Ok();
    }
}

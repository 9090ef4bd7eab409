using System.Buffers.Binary;

namespace CustomBackend.Machine;

/// <summary>Writes instructions one after the other, with labels.</summary>
public sealed class Assembler(uint start)
{
    private readonly List<byte> _code = [];
    private readonly List<(int At, string Label)> _jumps = [];
    private readonly Dictionary<string, uint> _labels = [];

    public uint Here => start + (uint)_code.Count;

    public void Label(string name) => _labels.Add(name, Here);

    public uint AddressOf(string label) => _labels[label];

    public void Add(Opcode opcode, int a = 0, int b = 0, int c = 0, uint number = 0)
    {
        _code.AddRange([(byte)opcode, (byte)a, (byte)b, (byte)c]);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        _code.AddRange(bytes);
    }

    public void JumpIf(int a, string label)
    {
        _jumps.Add((_code.Count + 4, label));
        Add(Opcode.JumpIf, a);
    }

    /// <summary>Sets a register to any number of 64 bits.</summary>
    public void SetLong(int a, ulong value, int scratch)
    {
        Add(Opcode.Set, a, number: (uint)(value >> 32));
        Add(Opcode.Set, scratch, number: 0x10000);
        Add(Opcode.Multiply, a, a, scratch);
        Add(Opcode.Multiply, a, a, scratch);
        Add(Opcode.Set, scratch, number: (uint)value);
        Add(Opcode.Add, a, a, scratch);
    }

    public byte[] Assemble()
    {
        byte[] code = [.. _code];
        foreach ((int at, string label) in _jumps)
            BinaryPrimitives.WriteUInt32LittleEndian(code.AsSpan(at), _labels[label]);
        return code;
    }
}

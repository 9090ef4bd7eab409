using Determinism.ProcessorTests.Generation;
using Iced.Intel;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>Writes a snippet into memory: code that loads the state to start from, the units, code that saves the state.</summary>
internal sealed unsafe class SnippetEncoder
{
    private readonly Buffer _buffer = new();
    private readonly Encoder _encoder;

    public SnippetEncoder() => _encoder = Encoder.Create(64, _buffer);

    /// <summary>Writes a snippet into its slot.</summary>
    /// <param name="snippet">The snippet.</param>
    /// <param name="memory">Guest memory.</param>
    /// <param name="next">Address to go on at.</param>
    /// <exception cref="ArgumentException">The code is too long for its page.</exception>
    public void Write(Snippet snippet, byte* memory, ulong next)
    {
        var slot = Layout.Slot(snippet.Slot);
        _buffer.Bytes.Clear();
        LoadState(slot);
        foreach (var unit in snippet.Units)
            Write(unit, slot);
        SaveState(slot);
        Emit(slot, [0xE9], next);
        if (_buffer.Bytes.Count > 0x1000)
            throw new ArgumentException($"{_buffer.Bytes.Count} bytes of code", nameof(snippet));

        new Span<byte>(memory + slot, (int)Layout.SlotBytes).Clear();
        for (var i = 0; i < _buffer.Bytes.Count; i++)
            memory[slot + (ulong)i] = _buffer.Bytes[i];
        var inputs = memory + slot + Layout.Inputs;
        for (var i = 0; i < 16; i++)
        {
            ((ulong*)inputs)[i] = snippet.Gpr[i];
            ((UInt128*)(inputs + Layout.XmmOffset))[i] = snippet.Xmm[i];
        }
        *(ushort*)(inputs + Layout.FlagsOffset) = snippet.Flags;
        snippet.Window.CopyTo(new Span<byte>(memory + snippet.Middle - (Layout.WindowBytes / 2), Layout.WindowBytes));
    }

    private void LoadState(ulong slot)
    {
        var inputs = slot + Layout.Inputs;
        Emit(slot, [0x66, 0x8B, 0x05], inputs + Layout.FlagsOffset); // mov ax, flags
        _buffer.Bytes.AddRange([0x04, 0x7F, 0x9E]); // add al, 0x7F sets OF if AL is 1; sahf sets the others
        for (var i = 0; i < 16; i++)
        {
            var register = (byte)(0x05 | ((i & 7) << 3));
            var movups = i < 8 ? new byte[] { 0x0F, 0x10, register } : [0x44, 0x0F, 0x10, register];
            Emit(slot, movups, inputs + Layout.XmmOffset + (16 * (ulong)i));
        }
        for (var i = 0; i < 16; i++)
            Emit(slot, [(byte)(i < 8 ? 0x48 : 0x4C), 0x8B, (byte)(0x05 | ((i & 7) << 3))], inputs + (8 * (ulong)i));
    }

    private void SaveState(ulong slot)
    {
        var outputs = slot + Layout.Outputs;
        for (var i = 0; i < 16; i++)
            Emit(slot, [(byte)(i < 8 ? 0x48 : 0x4C), 0x89, (byte)(0x05 | ((i & 7) << 3))], outputs + (8 * (ulong)i));
        _buffer.Bytes.AddRange([0x9F, 0x0F, 0x90, 0xC0]); // lahf; seto al
        Emit(slot, [0x66, 0x89, 0x05], outputs + Layout.FlagsOffset);
        for (var i = 0; i < 16; i++)
        {
            var register = (byte)(0x05 | ((i & 7) << 3));
            var movups = i < 8 ? new byte[] { 0x0F, 0x11, register } : [0x44, 0x0F, 0x11, register];
            Emit(slot, movups, outputs + Layout.XmmOffset + (16 * (ulong)i));
        }
        _buffer.Bytes.Add(0xFC); // cld
    }

    /// <summary>Code bytes, and after them the distance to an address.</summary>
    private void Emit(ulong slot, ReadOnlySpan<byte> code, ulong target)
    {
        _buffer.Bytes.AddRange(code);
        var end = slot + (ulong)_buffer.Bytes.Count + 4;
        _buffer.Bytes.AddRange(BitConverter.GetBytes((int)(target - end)));
    }

    // Twice: lengths do not depend on where labels are.
    private void Write(Unit unit, ulong slot)
    {
        var start = _buffer.Bytes.Count;
        var labels = new ulong[unit.Instructions.Length + 1];
        Array.Fill(labels, slot + (ulong)start);
        WriteWith(unit, slot, labels);
        _buffer.Bytes.RemoveRange(start, _buffer.Bytes.Count - start);
        WriteWith(unit, slot, labels);
    }

    private void WriteWith(Unit unit, ulong slot, ulong[] labels)
    {
        for (var i = 0; i < unit.Instructions.Length; i++)
        {
            var instruction = unit.Instructions[i];
            labels[i] = slot + (ulong)_buffer.Bytes.Count;
            if (instruction.Op0Kind == OpKind.NearBranch64)
                instruction.NearBranch64 = Unit.Resolve(instruction.NearBranch64, labels);
            else if (instruction.IsIPRelativeMemoryOperand)
                instruction.MemoryDisplacement64 = Unit.Resolve(instruction.MemoryDisplacement64, labels);
            _encoder.Encode(instruction, labels[i]);
        }
        labels[unit.Instructions.Length] = slot + (ulong)_buffer.Bytes.Count;
    }

    private sealed class Buffer : CodeWriter
    {
        public List<byte> Bytes { get; } = new(4096);

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}

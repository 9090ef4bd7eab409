using Iced.Intel;

namespace Determinism.X86;

/// <summary>Decodes single 64-bit instructions from bytes, with one reused decoder.</summary>
/// <remarks>Allocates nothing after construction. Not thread-safe: one reader a thread.</remarks>
public sealed class InstructionReader
{
    /// <summary>The longest instruction that the architecture allows, in bytes.</summary>
    public const int MaximumLength = 15;

    private readonly Window _window = new();
    private readonly Decoder _decoder;

    /// <summary>Creates a reader.</summary>
    public InstructionReader() => _decoder = Decoder.Create(64, _window);

    /// <summary>Decodes the first instruction of some bytes.</summary>
    /// <param name="code">The bytes; those after the first <see cref="MaximumLength"/> are not looked at.</param>
    /// <param name="address">The address of the first byte.</param>
    /// <param name="instruction">The instruction, or an invalid one.</param>
    /// <param name="truncated">Whether decoding failed only because the bytes ended too early.</param>
    /// <returns>Whether the bytes begin with a complete, valid instruction.</returns>
    public bool TryRead(ReadOnlySpan<byte> code, ulong address, out Instruction instruction, out bool truncated)
    {
        _window.Reset(code);
        _decoder.IP = address;
        _decoder.Decode(out instruction);
        truncated = instruction.IsInvalid && _decoder.LastError == DecoderError.NoMoreBytes && code.Length < MaximumLength;
        return !instruction.IsInvalid;
    }

    /// <summary>Decodes the first instruction of some bytes.</summary>
    /// <param name="code">The bytes; those after the first <see cref="MaximumLength"/> are not looked at.</param>
    /// <param name="address">The address of the first byte.</param>
    /// <param name="instruction">The instruction, or an invalid one.</param>
    /// <returns>Whether the bytes begin with a complete, valid instruction.</returns>
    public bool TryRead(ReadOnlySpan<byte> code, ulong address, out Instruction instruction) =>
        TryRead(code, address, out instruction, out _);

    private sealed class Window : CodeReader
    {
        private readonly byte[] _bytes = new byte[MaximumLength];
        private int _length;
        private int _position;

        public void Reset(ReadOnlySpan<byte> code)
        {
            _length = Math.Min(code.Length, MaximumLength);
            _position = 0;
            code[.._length].CopyTo(_bytes);
        }

        public override int ReadByte() => _position < _length ? _bytes[_position++] : -1;
    }
}

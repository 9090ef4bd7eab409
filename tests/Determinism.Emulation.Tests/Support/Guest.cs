using System.Runtime.InteropServices;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.Emulation.Tests;

/// <summary>One processor on memory of its own: code at 0x10000, data at 0x20000, a stack below 0x40000.</summary>
internal sealed unsafe class Guest : IDisposable
{
    public const ulong Code = 0x10000;
    public const ulong Data = 0x20000;
    public const ulong StackTop = 0x40000;
    public const ulong Bytes = 0x100000;

    private readonly byte* _memory = (byte*)NativeMemory.AllocZeroed((nuint)Bytes);

    public Guest(int pageShift = 12, ulong lowestAddress = 0)
    {
        Processor = new Processor(_memory, Bytes, pageShift, lowestAddress);
        Processor.SetAllRights(AccessRight.ReadWrite);
        Registers.Rip = Code;
        Registers.Gpr[4] = StackTop;
        Registers.GsBase = 0x50000;
    }

    public Guest(Action<Assembler> code, int pageShift = 12, ulong lowestAddress = 0)
        : this(pageShift, lowestAddress) => Assemble(code);

    public Processor Processor { get; }

    public byte* Memory => _memory;

    public ref X86Registers Registers => ref Processor.Registers;

    public ref ulong Rax => ref Registers.Gpr[0];

    public ref ulong Rcx => ref Registers.Gpr[1];

    public ref ulong Rdx => ref Registers.Gpr[2];

    public ref ulong Rbx => ref Registers.Gpr[3];

    public ref ulong Rsi => ref Registers.Gpr[6];

    public ref ulong Rdi => ref Registers.Gpr[7];

    public Span<byte> Span => new(_memory, (int)Bytes);

    public ref ulong Word(ulong address) => ref *(ulong*)(_memory + address);

    public ulong Frame(ulong address) => address >> 12;

    /// <summary>Puts code, and an OUT behind it, into memory; the number of its bytes without the OUT.</summary>
    public int Assemble(Action<Assembler> code, ulong address = Code)
    {
        var bytes = Encode(code, address);
        bytes.CopyTo(Span[(int)address..]);
        Span[(int)address + bytes.Length] = 0xE6;
        Span[(int)address + bytes.Length + 1] = 0x10;
        return bytes.Length;
    }

    public static byte[] Encode(Action<Assembler> code, ulong address = Code)
    {
        var assembler = new Assembler(64);
        code(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }

    /// <summary>Runs to the OUT at the end.</summary>
    public void RunToEnd()
    {
        var exit = Processor.Run(Processor.Count + 10_000_000);
        Assert.True(exit.Reason == ProcessorExitReason.PortOut, exit.ToString());
    }

    /// <summary>Runs code once with the registers as they are.</summary>
    public void Run(Action<Assembler> code)
    {
        Assemble(code);
        Processor.ForgetCode(Code, 0x1000);
        Registers.Rip = Code;
        RunToEnd();
    }

    public byte[] State()
    {
        var registers = Registers;
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<X86Registers>(in registers)), .. Span];
    }

    public void Dispose()
    {
        Processor.Dispose();
        NativeMemory.Free(_memory);
    }
}

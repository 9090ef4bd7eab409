using System.Buffers.Binary;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Machine.Tests;

/// <summary>Guests of a few instructions: what the guests in C cannot do, or do too rarely.</summary>
internal static class AssembledGuest
{
    public const ulong Code = 0x40_0000;

    /// <summary>64 KiB of zeros.</summary>
    public const ulong Data = 0x41_0000;

    public static MachineConfiguration Configure(int vcpus, ClockKind clock, Action<Assembler> write) => new()
    {
        GuestName = "assembled", Image = ElfImage.Parse(ToElf(write)), VcpuCount = vcpus, Clock = clock,
        MemoryBytes = 16UL << 20,
    };

    /// <summary>Asks for a service.</summary>
    public static void Service(this Assembler code, GuestPort port, ulong first = 0, ulong second = 0)
    {
        code.mov(rdi, first);
        code.mov(rsi, second);
        code.@out((byte)port, al);
    }

    /// <summary>Asks for a service with an address of code as its argument.</summary>
    public static void Service(this Assembler code, GuestPort port, Label first)
    {
        code.lea(rdi, __[first]);
        code.@out((byte)port, al);
    }

    /// <summary>Starts a vCPU on its own stack.</summary>
    public static void StartVcpu(this Assembler code, int vcpu, Label entry)
    {
        code.mov(rdi, (ulong)vcpu);
        code.lea(rsi, __[entry]);
        code.mov(r8, (16UL << 20) - ((ulong)vcpu * GuestLayout.StackBytes) - 8);
        code.@out((byte)GuestPort.VcpuStart, al);
    }

    /// <summary>A poll; the result writes its trap, which belongs behind the last instruction.</summary>
    public static Action Poll(this Assembler code)
    {
        Label trap = code.CreateLabel(), resume = code.CreateLabel();
        code.inc(r15);
        code.cmp(r15, __qword_ptr.gs[8]);
        code.jae(trap);
        code.Label(ref resume);
        code.nop();
        return () =>
        {
            code.Label(ref trap);
            code.@out((byte)GuestPort.Poll, al);
            code.jmp(resume);
        };
    }

    private static byte[] ToElf(Action<Assembler> write)
    {
        const int HeaderBytes = 64, SegmentBytes = 56, CodeAt = HeaderBytes + (2 * SegmentBytes);
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), Code);
        byte[] code = stream.ToArray();
        var file = new byte[CodeAt + code.Length];
        code.CopyTo(file, CodeAt);
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        Write(24, Code);
        Write(32, HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 2);
        WriteSegment(HeaderBytes, flags: 5, CodeAt, Code, (ulong)code.Length, (ulong)code.Length);
        WriteSegment(HeaderBytes + SegmentBytes, flags: 6, CodeAt, Data, 0, 0x1_0000);
        return file;

        void Write(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);

        void WriteSegment(int at, uint flags, ulong offset, ulong address, ulong fileBytes, ulong memoryBytes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), 1);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 4), flags);
            Write(at + 8, offset);
            Write(at + 16, address);
            Write(at + 32, fileBytes);
            Write(at + 40, memoryBytes);
        }
    }
}

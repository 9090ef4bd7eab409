using System.Buffers.Binary;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Machine.Tests;

/// <summary>Small guests that write code and publish it, well and badly.</summary>
internal static class CodeMakers
{
    /// <summary>Where they write it.</summary>
    public const ulong Fresh = AssembledGuest.Data + 0x4000;

    private const ulong TrapFrame = Fresh + 0x1000;
    private const ulong Flag = AssembledGuest.Data + 0x100;
    private const ulong Counter = AssembledGuest.Data + 0x108;

    /// <summary>Each guest that ends with an error, and a part of the reason.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "privileged", "0x414000: cli" },
        { "no poll", "poll" },
        { "leaves", "leads to 0x415000" },
        { "nothing", "publishes no code" },
        { "twice", "published already" },
        { "own code", "hold the program's own code" },
        { "trap elsewhere", "0x414001: out 10h,al" },
        { "console input", "where there is published code" },
        { "control page", "which it may not" },
        { "time stamp", "0x414000: rdtsc" },
        { "written", "writes" },
        { "unpublished", "executes 0x414000, which is no code that was loaded or published" },
    };

    public static Action<Assembler> Find(string name) => code =>
    {
        Choose(name)(code);
        code.Service(GuestPort.Exit);
    };

    private static Action<Assembler> Choose(string name) => name switch
    {
        "privileged" => code => Publish(code, [0xFA, 0xC3]),
        "no poll" => code => Publish(code, [0xEB, 0xFE]),
        "leaves" => code => Publish(code, [0xE9, 0xFB, 0x0F, 0x00, 0x00]),
        "time stamp" => code => Publish(code, [0x0F, 0x31, 0xC3]),
        "nothing" => code => code.Service(GuestPort.PublishCode, Fresh, 0),
        "own code" => code => code.Service(GuestPort.PublishCode, AssembledGuest.Code, 16),
        "control page" => code => code.Service(GuestPort.PublishCode, GuestLayout.ControlPages, 4096),
        "trap elsewhere" => code =>
        {
            // The trap is published first, by itself; a poll that goes there is none.
            code.Emit(Fresh, Assemble(Fresh, made =>
            {
                made.ret();
                made.@out((byte)GuestPort.Poll, al);
                made.ret();
            }));
            code.Service(GuestPort.PublishCode, Fresh, 4);
            code.Emit(Fresh + 0x2000, Assemble(Fresh + 0x2000, made =>
            {
                made.inc(r15);
                made.cmp(r15, __qword_ptr.gs[8]);
                made.jae(Fresh + 1);
                made.jmp(Fresh + 0x2000);
            }));
            code.Service(GuestPort.PublishCode, Fresh + 0x2000, 20);
        },
        "console input" => code =>
        {
            Publish(code, [0xC3]);
            Label again = code.CreateLabel();
            code.Label(ref again);
            Action trap = code.Poll();
            code.Service(GuestPort.ConsoleRead, Fresh + 0x10, 4);
            code.jmp(again);
            trap();
        },
        "twice" => code =>
        {
            Publish(code, [0xC3]);
            code.Service(GuestPort.PublishCode, Fresh + 0x800, 1);
        },
        "written" => code =>
        {
            Publish(code, [0xC3]);
            code.Emit(Fresh, [0x90]);
        },
        _ => code =>
        {
            Label end = code.CreateLabel();
            code.Emit(Fresh, [0xC3]);
            code.mov(rax, Fresh);
            // It might call what leads back to it.
            Action trap = code.Poll();
            code.call(rax);
            code.jmp(end);
            trap();
            code.Label(ref end);
        },
    };

    /// <summary>vCPU 0 makes a counting loop, publishes it, and tells vCPU 1; both run it and fight for a counter.</summary>
    public static void TwoThatRunFreshCode(Assembler code) => WriteTwo(code, _ => { });

    /// <summary>The same, but vCPU 1 reads a part of the code first: by itself, or by a service.</summary>
    public static Action<Assembler> TwoOfWhichOneReadsFirst(bool byService) => code => WriteTwo(code, second =>
    {
        if (byService)
            second.Service(GuestPort.ConsoleWrite, Fresh, 8);
        else
            second.mov(rdx, __qword_ptr[Fresh]);
    });

    private static void WriteTwo(Assembler code, Action<Assembler> writeBeforeCall)
    {
        const uint Rounds = 400;
        Label second = code.CreateLabel(), wait = code.CreateLabel(), run = code.CreateLabel();
        code.StartVcpu(1, second);
        code.Emit(Fresh, Assemble(Fresh, WriteLoop));
        // Not by its own address, which would be one that the program might call.
        code.Emit(Fresh, Assemble(TrapFrame, made =>
        {
            made.@out((byte)GuestPort.Poll, al);
            made.jmp(Fresh + ResumeOffset);
        }), (int)(TrapFrame - Fresh));
        code.Service(GuestPort.PublishCode, Fresh, 0x1000 + 7);
        code.mov(rax, Flag);
        code.mov(__qword_ptr[rax], 1);
        code.jmp(run);
        code.Label(ref second);
        code.mov(rax, Flag);
        code.Label(ref wait);
        Action trap = code.Poll();
        code.cmp(__qword_ptr[rax], 0);
        code.je(wait);
        writeBeforeCall(code);
        code.nop();
        code.Label(ref run);
        code.mov(ecx, Rounds);
        code.mov(rdx, Counter);
        code.mov(rax, Fresh);
        Action trapOfCall = code.Poll();
        code.call(rax);
        code.mov(rdi, 0UL);
        code.@out((byte)GuestPort.Exit, al);
        trap();
        trapOfCall();
    }

    /// <summary>Writes bytes into memory, by the guest.</summary>
    public static void Emit(this Assembler code, ulong address, byte[] bytes, int offset = 0)
    {
        code.mov(rdx, address);
        var padded = new byte[(bytes.Length + 7) & ~7];
        bytes.CopyTo(padded, 0);
        for (int at = 0; at < padded.Length; at += 8)
        {
            code.mov(rcx, BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(at)));
            code.mov(__qword_ptr[rdx + offset + at], rcx);
        }
    }

    // inc r15 (3 bytes), cmp r15, gs:[8] (9), jae rel32 (6).
    private const ulong ResumeOffset = 18;

    private static void WriteLoop(Assembler made)
    {
        Label loop = made.CreateLabel();
        made.Label(ref loop);
        made.inc(r15);
        made.cmp(r15, __qword_ptr.gs[8]);
        made.jae(TrapFrame);
        made.add(__qword_ptr[rdx], 1);
        made.dec(ecx);
        made.jne(loop);
        made.ret();
    }

    private static byte[] Assemble(ulong address, Action<Assembler> write)
    {
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }

    private static void Publish(Assembler code, byte[] bytes)
    {
        code.Emit(Fresh, bytes);
        code.Service(GuestPort.PublishCode, Fresh, (ulong)bytes.Length);
    }
}

using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

/// <summary>Processors that run at once on one memory.</summary>
public sealed unsafe class ParallelTests : IDisposable
{
    private const int Rounds = 20_000;
    private const ulong Bytes = 0x80000;
    private readonly byte* _memory = (byte*)NativeMemory.AllocZeroed((nuint)Bytes);

    [Fact]
    public void Locked_operations_of_several_processors_lose_nothing()
    {
        Run(4, a =>
        {
            var loop = a.CreateLabel();
            var retry = a.CreateLabel();
            var retry16 = a.CreateLabel();
            a.mov(edi, (uint)Guest.Data);
            a.mov(esi, Rounds);
            a.Label(ref loop);
            a.@lock.inc(__dword_ptr[rdi]);
            a.@lock.add(__word_ptr[rdi + 8], 1);
            a.mov(eax, 3);
            a.@lock.xadd(__qword_ptr[rdi + 16], rax);
            a.mov(rax, __qword_ptr[rdi + 24]);
            a.Label(ref retry);
            a.lea(rcx, __[rax + 5]);
            a.@lock.cmpxchg(__qword_ptr[rdi + 24], rcx);
            a.jne(retry);
            a.mov(rax, __qword_ptr[rdi + 32]);
            a.mov(rdx, __qword_ptr[rdi + 40]);
            a.Label(ref retry16);
            a.lea(rbx, __[rax + 1]);
            a.lea(rcx, __[rdx + 2]);
            a.@lock.cmpxchg16b(__xmmword_ptr[rdi + 32]);
            a.jne(retry16);
            // Across the end of a frame: still one access.
            a.@lock.inc(__dword_ptr[rdi + 0xFFE]);
            a.dec(esi);
            a.jne(loop);
        });
        Assert.Equal(4u * Rounds, *(uint*)(_memory + Guest.Data));
        Assert.Equal(unchecked((ushort)(4 * Rounds)), *(ushort*)(_memory + Guest.Data + 8));
        Assert.Equal(4ul * Rounds * 3, *(ulong*)(_memory + Guest.Data + 16));
        Assert.Equal(4ul * Rounds * 5, *(ulong*)(_memory + Guest.Data + 24));
        Assert.Equal(4ul * Rounds, *(ulong*)(_memory + Guest.Data + 32));
        Assert.Equal(8ul * Rounds, *(ulong*)(_memory + Guest.Data + 40));
        Assert.Equal(4u * Rounds, *(uint*)(_memory + Guest.Data + 0xFFE));
    }

    [Fact]
    public void A_spin_lock_of_exchange_and_pause_excludes()
    {
        Run(3, a =>
        {
            var loop = a.CreateLabel();
            var spin = a.CreateLabel();
            var acquire = a.CreateLabel();
            a.mov(edi, (uint)Guest.Data);
            a.mov(esi, Rounds);
            a.Label(ref loop);
            a.jmp(acquire);
            a.Label(ref spin);
            a.pause();
            a.Label(ref acquire);
            a.mov(eax, 1);
            a.xchg(__dword_ptr[rdi], eax);
            a.test(eax, eax);
            a.jne(spin);
            a.inc(__qword_ptr[rdi + 64]);
            a.mov(__dword_ptr[rdi], 0);
            a.dec(esi);
            a.jne(loop);
        });
        Assert.Equal(3ul * Rounds, *(ulong*)(_memory + Guest.Data + 64));
    }

    [Fact]
    public void Code_that_another_processor_has_changed_is_executed_once_its_flag_is_seen()
    {
        // The writer patches a constant in a function and then raises a round number; the reader waits for the number and
        // calls: it must never get an older constant. The reader answers so that the writer can go on.
        const uint Function = 0x30000;
        const int Changes = 2000;
        var shared = new SharedCode();
        Write(Function, a =>
        {
            a.mov(eax, 0);
            a.ret();
        });
        Write(Guest.Code, a =>
        {
            var loop = a.CreateLabel();
            var wait = a.CreateLabel();
            a.mov(edi, (uint)Guest.Data);
            a.mov(esi, Function);
            a.mov(ecx, 1);
            a.Label(ref loop);
            a.mov(__dword_ptr[rsi + 1], ecx);
            a.mov(__dword_ptr[rdi], ecx);
            a.Label(ref wait);
            a.pause();
            a.cmp(__dword_ptr[rdi + 64], ecx);
            a.jne(wait);
            a.inc(ecx);
            a.cmp(ecx, Changes);
            a.jne(loop);
        });
        Write(Guest.Code + 0x1000, a =>
        {
            var wait = a.CreateLabel();
            a.mov(edi, (uint)Guest.Data);
            a.mov(esi, Function);
            a.mov(ecx, 1);
            a.Label(ref wait);
            a.pause();
            a.cmp(__dword_ptr[rdi], ecx);
            a.jb(wait);
            a.call(rsi);
            a.cmp(eax, ecx);
            a.setne(al);
            a.movzx(eax, al);
            a.add(rbx, rax);
            a.mov(__dword_ptr[rdi + 64], ecx);
            a.inc(ecx);
            a.cmp(ecx, Changes);
            a.jne(wait);
        });
        using var writer = Create(Guest.Code, 0, shared);
        using var reader = Create(Guest.Code + 0x1000, 1, shared);
        RunAll([writer, reader]);
        Assert.Equal((ulong)Changes, reader.Registers.Gpr[1]);
        Assert.Equal(0UL, reader.Registers.Gpr[3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    public void Code_forgotten_by_the_host_is_decoded_again_by_every_processor_however_much_it_missed(int times)
    {
        var shared = new SharedCode();
        Write(Guest.Code, a => a.mov(eax, 1));
        using var first = Create(Guest.Code, 0, shared);
        using var second = Create(Guest.Code, 1, shared);
        RunAll([first, second]);
        Write(Guest.Code, a => a.mov(eax, 2));
        for (var i = 0; i < times; i++)
            shared.ForgetCode(Guest.Code, 10);
        first.Registers.Rip = second.Registers.Rip = Guest.Code;
        RunAll([first, second]);
        Assert.Equal(2UL, first.Registers.Gpr[0]);
        Assert.Equal(2UL, second.Registers.Gpr[0]);
    }

    public void Dispose() => NativeMemory.Free(_memory);

    private void Run(int processors, Action<Assembler> code)
    {
        Write(Guest.Code, code);
        var shared = new SharedCode();
        var all = Enumerable.Range(0, processors).Select(i => Create(Guest.Code, i, shared)).ToArray();
        RunAll(all);
        foreach (var processor in all)
            processor.Dispose();
    }

    private void Write(ulong address, Action<Assembler> code)
    {
        var bytes = Guest.Encode(code, address);
        byte[] withOut = [.. bytes, 0xE6, 0x10];
        withOut.CopyTo(new Span<byte>(_memory + address, withOut.Length));
    }

    private Processor Create(ulong rip, int number, SharedCode shared)
    {
        var processor = new Processor(_memory, Bytes, 12, 0, shared);
        processor.SetAllRights(AccessRight.ReadWrite);
        processor.Registers.Rip = rip;
        processor.Registers.Gpr[4] = Bytes - ((ulong)number * 0x1000);
        return processor;
    }

    private static void RunAll(Processor[] processors)
    {
        var exits = new ProcessorExit[processors.Length];
        var threads = processors.Select((processor, i) => new Thread(() => exits[i] = processor.Run(ulong.MaxValue))).ToArray();
        foreach (var thread in threads)
            thread.Start();
        var ended = threads.All(thread => thread.Join(TimeSpan.FromSeconds(60)));
        foreach (var processor in processors)
            processor.RequestExit();
        foreach (var thread in threads)
            thread.Join();
        foreach (var processor in processors)
            processor.ClearExitRequest();
        Assert.True(ended, "The guests hang.");
        Assert.All(exits, exit => Assert.Equal(ProcessorExitReason.PortOut, exit.Reason));
    }
}

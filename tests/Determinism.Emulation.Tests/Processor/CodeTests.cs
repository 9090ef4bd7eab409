using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

public class CodeTests
{
    [Theory]
    [InlineData(6)]
    [InlineData(12)]
    [InlineData(20)]
    public void A_store_into_the_next_instruction_is_executed(int pageShift)
    {
        using var guest = new Guest(pageShift);
        byte[] patch = Guest.Encode(a => a.mov(ebx, 2), 0);
        guest.Assemble(a =>
        {
            var next = a.CreateLabel();
            var loop = a.CreateLabel();
            a.mov(rax, BitConverter.ToUInt64([.. patch, 0x90, 0x90, 0x90]));
            a.mov(ecx, 3);
            a.Label(ref loop);
            a.mov(__qword_ptr[next], rax);
            a.Label(ref next);
            a.mov(ebx, 1);
            a.nop();
            a.nop();
            a.nop();
            a.add(edx, ebx);
            a.dec(ecx);
            a.jne(loop);
        });
        guest.RunToEnd();
        Assert.Equal(2UL, guest.Rbx);
        Assert.Equal(6UL, guest.Rdx);
    }

    [Fact]
    public void Code_made_at_run_time_in_another_page_is_executed_each_time_it_is_made()
    {
        // A function that returns a constant is written anew for each call.
        using var guest = new Guest(a =>
        {
            var loop = a.CreateLabel();
            a.mov(edi, (uint)Guest.Data);
            a.xor(ecx, ecx);
            a.Label(ref loop);
            a.mov(__byte_ptr[rdi], 0xB8);
            a.mov(__dword_ptr[rdi + 1], ecx);
            a.mov(__byte_ptr[rdi + 5], 0xC3);
            a.call(rdi);
            a.add(ebx, eax);
            a.inc(ecx);
            a.cmp(ecx, 1000);
            a.jne(loop);
        });
        guest.RunToEnd();
        Assert.Equal(499500UL, guest.Rbx);
    }

    [Fact]
    public void More_code_than_the_cache_holds_is_executed()
    {
        // A slide of additions, entered at many places so that its blocks overlap.
        using var guest = new Guest();
        const int Bytes = 0x60000;
        const ulong Slide = 0x60000;
        guest.Span.Slice((int)Slide, Bytes).Fill(0x90);
        guest.Span[(int)Slide + Bytes - 1] = 0xC3;
        guest.Assemble(a =>
        {
            var loop = a.CreateLabel();
            a.mov(eax, (uint)Slide);
            a.Label(ref loop);
            a.call(rax);
            a.add(rax, 7001);
            a.inc(ecx);
            a.cmp(rax, (int)(Slide + Bytes));
            a.jb(loop);
        });
        var exit = guest.Processor.Run(100_000_000);
        Assert.Equal(ProcessorExitReason.PortOut, exit.Reason);
        Assert.Equal((ulong)((Bytes + 7000) / 7001), guest.Rcx);
        var expected = 1UL;
        for (var at = 0; at < Bytes; at += 7001)
            expected += (ulong)(Bytes - at) + 5;
        Assert.Equal(expected + 1, guest.Processor.Count);
    }

    [Fact]
    public void A_request_makes_an_endless_loop_come_back_at_a_point_where_it_can_go_on()
    {
        using var guest = new Guest(a =>
        {
            var loop = a.CreateLabel();
            a.Label(ref loop);
            a.inc(rax);
            a.jmp(loop);
        });
        var processor = guest.Processor;
        var exits = new ProcessorExit[1];
        var thread = new Thread(() => exits[0] = processor.Run(ulong.MaxValue));
        thread.Start();
        Thread.Sleep(20);
        processor.RequestExit();
        Assert.True(thread.Join(TimeSpan.FromSeconds(20)));
        Assert.Equal(ProcessorExitReason.Requested, exits[0].Reason);
        Assert.Equal(processor.Count, (guest.Rax * 2) - (guest.Registers.Rip == Guest.Code ? 0UL : 1UL));
        var count = processor.Count;
        Assert.Equal(ProcessorExitReason.Requested, processor.Run(ulong.MaxValue).Reason);
        Assert.Equal(count, processor.Count);
        processor.ClearExitRequest();
        Assert.Equal(ProcessorExitReason.Stopped, processor.Run(count + 1000).Reason);
        Assert.Equal(count + 1000, processor.Count);
    }

    [Fact]
    public void The_port_of_an_OUT_is_told_and_execution_goes_on_behind_it()
    {
        using var guest = new Guest(a =>
        {
            a.@out(0x23, al);
            a.mov(ebx, 5);
        });
        var exit = guest.Processor.Run(100);
        Assert.Equal(ProcessorExitReason.PortOut, exit.Reason);
        Assert.Equal(0x23, exit.Port);
        Assert.Equal(1UL, guest.Processor.Count);
        Assert.Equal(Guest.Code + 2, guest.Registers.Rip);
        guest.RunToEnd();
        Assert.Equal(5UL, guest.Rbx);
    }

    [Fact]
    public void What_is_not_supported_is_refused_with_address_text_and_reason()
    {
        (Action<Assembler> Code, string Text, string Reason)[] cases =
        [
            (a => a.rdtsc(), "rdtsc", "reads the host's clock"),
            (a => a.cpuid(), "cpuid", "reads what the host's processor is"),
            (a => a.rdrand(eax), "rdrand eax", "reads the host's random numbers"),
            (a => a.@in(al, 0x60), "in al,60h", "is input or output in a form that is no service of the guest ABI"),
            (a => a.@out(dx, al), "out dx,al", "is input or output in a form that is no service of the guest ABI"),
            (a => a.pushfq(), "pushf", "shows or changes flags that depend on the host"),
            (a => a.ldmxcsr(__dword_ptr[rax]), "ldmxcsr [rax]", "changes SSE control state, on which results depend"),
            (a => a.fld1(), "fld1", "is not implemented"),
            (a => a.vaddpd(ymm0, ymm1, ymm2), "vaddpd ymm0,ymm1,ymm2", "is not implemented"),
            (a => a.int3(), "int3", "is not implemented"),
            (a => a.syscall(), "syscall", "is not implemented"),
            (a => a.ud2(), "ud2", "is not implemented"),
            (a => a.db(0x06), "no instruction: 06", "are no instruction"),
        ];
        foreach (var (code, text, reason) in cases)
        {
            using var guest = new Guest();
            guest.Assemble(a =>
            {
                a.nop();
                code(a);
            });
            var exit = guest.Processor.Run(100);
            Assert.Equal(ProcessorExitReason.Unsupported, exit.Reason);
            Assert.Equal(Guest.Code + 1, guest.Registers.Rip);
            Assert.Equal(1UL, guest.Processor.Count);
            Assert.StartsWith($"0x10001: {text}", exit.Message, StringComparison.Ordinal);
            Assert.EndsWith(reason, exit.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_bytes_make_it_fail()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            using var guest = new Guest();
            var random = new Random(seed);
            random.NextBytes(guest.Span.Slice((int)Guest.Code, 0x1000));
            for (var i = 0; i < 16; i++)
                guest.Registers.Gpr[i] = Guest.Data + (ulong)random.Next(0x20000);
            for (var at = 0; at < 0x1000; at++)
            {
                guest.Registers.Rip = Guest.Code + (ulong)at;
                guest.Processor.Run(guest.Processor.Count + 5);
                guest.Processor.SetRight(Guest.Code >> 12, AccessRight.None);
                guest.Processor.SetRight(Guest.Code >> 12, AccessRight.Read);
            }
        }
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        using var guest = new Guest(a => RandomProgram.Emit(a, 5));
        guest.Word(0x50008) = 1000;
        Loop();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Loop();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Loop()
        {
            var end = guest.Processor.Count + 1_000_000;
            while (guest.Processor.Count < end)
            {
                var exit = guest.Processor.Run(Math.Min(end, guest.Processor.Count + 50_000));
                if (exit.Reason == ProcessorExitReason.PortOut)
                    guest.Registers.Rip = Guest.Code;
                else if (exit.Reason != ProcessorExitReason.Stopped)
                    throw new InvalidOperationException(exit.ToString());
                if (guest.Processor.Count % 3 == 0)
                    guest.Processor.SetRight(Guest.Data >> 12, AccessRight.None);
                guest.Processor.SetRight(Guest.Data >> 12, AccessRight.ReadWrite);
            }
        }
    }
}

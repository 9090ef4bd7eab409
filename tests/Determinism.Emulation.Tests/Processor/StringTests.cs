using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

public class StringTests
{
    [Theory]
    [InlineData(0UL, 1UL)]
    [InlineData(1UL, 1UL)]
    [InlineData(9000UL, 9000UL)]
    public void Each_iteration_counts_one_and_so_does_a_repetition_without_iterations(ulong iterations, ulong count)
    {
        using var guest = new Guest(a => a.rep.stosb());
        guest.Rdi = Guest.Data;
        guest.Rcx = iterations;
        guest.Rax = 0xAB;
        guest.RunToEnd();
        Assert.Equal(count + 1, guest.Processor.Count);
        Assert.Equal(Guest.Data + iterations, guest.Rdi);
        Assert.Equal(0UL, guest.Rcx);
        Assert.Equal((int)iterations, guest.Span.Slice((int)Guest.Data, 20000).Count((byte)0xAB));
    }

    [Fact]
    public void A_stop_between_iterations_leaves_RIP_on_the_instruction_and_the_registers_exact()
    {
        using var guest = new Guest(a =>
        {
            a.nop();
            a.rep.movsq();
        });
        guest.Rsi = Guest.Data;
        guest.Rdi = Guest.Data + 0x8000;
        guest.Rcx = 2000;
        for (var i = 0; i < 2000; i++)
            guest.Word(Guest.Data + ((ulong)i * 8)) = (ulong)i;
        Assert.Equal(ProcessorExitReason.Stopped, guest.Processor.Run(1 + 777).Reason);
        Assert.Equal(Guest.Code + 1, guest.Registers.Rip);
        Assert.Equal(2000UL - 777, guest.Rcx);
        Assert.Equal(Guest.Data + (777 * 8), guest.Rsi);
        Assert.Equal(776UL, guest.Word(Guest.Data + 0x8000 + (776 * 8)));
        Assert.Equal(0UL, guest.Word(Guest.Data + 0x8000 + (777 * 8)));
        guest.RunToEnd();
        Assert.Equal(1999UL, guest.Word(Guest.Data + 0x8000 + (1999 * 8)));
    }

    [Fact]
    public void A_fault_in_a_repetition_comes_between_iterations()
    {
        using var guest = new Guest(a => a.rep.movsd());
        guest.Rsi = Guest.Data;
        guest.Rdi = Guest.Data + 0x8000 - 10;
        guest.Rcx = 100;
        guest.Processor.SetRight((Guest.Data + 0x8000) >> 12, AccessRight.Read);
        var exit = guest.Processor.Run(1000);
        Assert.Equal(ProcessorExitReason.Fault, exit.Reason);
        Assert.Equal(new MemoryAccess(Guest.Data + 0x8000 - 2, 4, AccessRight.ReadWrite), exit.Access);
        Assert.Equal(98UL, guest.Rcx);
        Assert.Equal(2UL, guest.Processor.Count);
        Assert.Equal(Guest.Code, guest.Registers.Rip);
    }

    [Fact]
    public void Moving_to_just_above_the_source_repeats_the_first_bytes()
    {
        using var guest = new Guest(a => a.rep.movsb());
        guest.Word(Guest.Data) = 0x0000000000332211;
        guest.Rsi = Guest.Data;
        guest.Rdi = Guest.Data + 3;
        guest.Rcx = 100;
        guest.RunToEnd();
        for (var i = 0; i < 103; i++)
            Assert.Equal(0x11 * ((i % 3) + 1), guest.Span[(int)Guest.Data + i]);
    }

    [Fact]
    public void Comparing_stops_at_the_first_difference_and_scanning_at_the_first_match()
    {
        using var guest = new Guest(a =>
        {
            a.repe.cmpsb();
            a.mov(rbx, rcx);
            a.mov(ecx, 100);
            a.mov(edi, (uint)Guest.Data);
            a.repne.scasb();
        });
        guest.Span[(int)Guest.Data + 40] = 9;
        guest.Rsi = Guest.Data;
        guest.Rdi = Guest.Data + 0x1000;
        guest.Rcx = 100;
        guest.Rax = 9;
        guest.RunToEnd();
        Assert.Equal(59UL, guest.Rbx);
        Assert.Equal(59UL, guest.Rcx);
        Assert.Equal(Guest.Data + 41, guest.Rdi);
        Assert.Equal(41UL + 2 + 41 + 1, guest.Processor.Count - 1);
    }

    [Fact]
    public void Backwards_the_pointers_go_down()
    {
        using var guest = new Guest(a =>
        {
            a.std();
            a.rep.movsw();
            a.cld();
        });
        guest.Word(Guest.Data) = 0x4444333322221111;
        guest.Rsi = Guest.Data + 6;
        guest.Rdi = Guest.Data + 0x106;
        guest.Rcx = 4;
        guest.RunToEnd();
        Assert.Equal(0x4444333322221111UL, guest.Word(Guest.Data + 0x100));
        Assert.Equal(Guest.Data - 2, guest.Rsi);
        Assert.Equal(2UL, guest.Registers.Rflags);
    }
}

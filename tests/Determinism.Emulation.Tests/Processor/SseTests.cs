using System.Runtime.CompilerServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

public class SseTests
{
    private const ulong QuietNaN = 0x7FF8000000000123;
    private const ulong SignallingNaN = 0xFFF0000000000456;
    private const ulong DefaultNaN = 0xFFF8000000000000;
    private const ulong One = 0x3FF0000000000000;
    private const ulong Infinity = 0x7FF0000000000000;
    private const ulong MinusZero = 0x8000000000000000;

    private static ref ulong Low(Guest guest, int register) => ref Unsafe.As<UInt128, ulong>(ref guest.Registers.Xmm[register]);

    [Theory]
    [InlineData(QuietNaN, One, QuietNaN)]
    [InlineData(One, QuietNaN, QuietNaN)]
    [InlineData(QuietNaN, SignallingNaN, QuietNaN)]
    [InlineData(SignallingNaN, QuietNaN, SignallingNaN | (1UL << 51))]
    [InlineData(Infinity, Infinity | MinusZero, DefaultNaN)]
    public void An_addition_gives_the_first_operand_that_is_no_number_made_quiet(ulong first, ulong second, ulong expected)
    {
        using var guest = new Guest();
        Low(guest, 0) = first;
        Low(guest, 1) = second;
        guest.Run(a => a.addsd(xmm0, xmm1));
        Assert.Equal(expected, Low(guest, 0));
    }

    [Theory]
    [InlineData(0UL, MinusZero, MinusZero)]
    [InlineData(QuietNaN, One, One)]
    [InlineData(One, QuietNaN, QuietNaN)]
    [InlineData(One, SignallingNaN, SignallingNaN)]
    public void Minimum_and_maximum_give_the_second_operand_if_neither_is_less(ulong first, ulong second, ulong expected)
    {
        using var guest = new Guest();
        Low(guest, 0) = Low(guest, 2) = first;
        Low(guest, 1) = second;
        guest.Run(a =>
        {
            a.minsd(xmm0, xmm1);
            a.maxsd(xmm2, xmm1);
        });
        Assert.Equal(expected, Low(guest, 0));
        Assert.Equal(expected, Low(guest, 2));
    }

    [Theory]
    [InlineData(1.5, 1, 2)]
    [InlineData(2.5, 2, 2)]
    [InlineData(-1.5, -1, -2)]
    [InlineData(2147483647.4, 2147483647, 2147483647)]
    [InlineData(2147483647.5, 2147483647, int.MinValue)]
    [InlineData(2147483648.0, int.MinValue, int.MinValue)]
    [InlineData(-2147483648.5, int.MinValue, int.MinValue)]
    [InlineData(1e300, int.MinValue, int.MinValue)]
    [InlineData(double.NaN, int.MinValue, int.MinValue)]
    [InlineData(double.NegativeInfinity, int.MinValue, int.MinValue)]
    public void Conversion_to_integers_truncates_or_rounds_to_even_and_overflows_to_the_least_integer(double value, int truncated, int rounded)
    {
        using var guest = new Guest();
        Low(guest, 0) = BitConverter.DoubleToUInt64Bits(value);
        guest.Run(a =>
        {
            a.cvttsd2si(eax, xmm0);
            a.cvtsd2si(ecx, xmm0);
        });
        Assert.Equal((uint)truncated, guest.Rax);
        Assert.Equal((uint)rounded, guest.Rcx);
    }

    [Theory]
    [InlineData(9223372036854774784.0, 9223372036854774784)]
    [InlineData(9223372036854775808.0, long.MinValue)]
    [InlineData(-9223372036854775808.0, long.MinValue)]
    [InlineData(-1e19, long.MinValue)]
    [InlineData(double.NaN, long.MinValue)]
    public void Conversion_to_64_bits_overflows_to_the_least_integer(double value, long expected)
    {
        using var guest = new Guest();
        Low(guest, 0) = BitConverter.DoubleToUInt64Bits(value);
        guest.Run(a => a.cvttsd2si(rax, xmm0));
        Assert.Equal((ulong)expected, guest.Rax);
    }

    [Theory]
    [InlineData(1.0, 2.0, 0x01)]
    [InlineData(2.0, 1.0, 0x00)]
    [InlineData(1.0, 1.0, 0x40)]
    [InlineData(double.NaN, 1.0, 0x45)]
    public void A_comparison_sets_zero_parity_and_carry(double first, double second, ulong flags)
    {
        using var guest = new Guest();
        Low(guest, 0) = BitConverter.DoubleToUInt64Bits(first);
        Low(guest, 1) = BitConverter.DoubleToUInt64Bits(second);
        guest.Registers.Rflags = 2 | 0x8D5;
        guest.Run(a => a.ucomisd(xmm0, xmm1));
        Assert.Equal(flags, guest.Registers.Rflags & 0x8D5);
    }

    [Fact]
    public void Narrowing_and_widening_keep_the_upper_payload_of_a_quiet_not_a_number()
    {
        using var guest = new Guest();
        Low(guest, 0) = 0xFFF0_0000_E000_0001;
        guest.Run(a =>
        {
            a.cvtsd2ss(xmm1, xmm0);
            a.cvtss2sd(xmm2, xmm1);
        });
        Assert.Equal(0xFFC00007u, (uint)Low(guest, 1));
        Assert.Equal(0xFFF80000E0000000, Low(guest, 2));
    }

    [Fact]
    public void The_square_root_of_a_negative_number_is_the_default_not_a_number_and_of_minus_zero_minus_zero()
    {
        using var guest = new Guest();
        Low(guest, 0) = One | MinusZero;
        Low(guest, 1) = MinusZero;
        guest.Run(a =>
        {
            a.sqrtsd(xmm0, xmm0);
            a.sqrtsd(xmm1, xmm1);
        });
        Assert.Equal(DefaultNaN, Low(guest, 0));
        Assert.Equal(MinusZero, Low(guest, 1));
    }

    [Fact]
    public void Scalar_moves_between_registers_merge_and_loads_clear_the_rest()
    {
        using var guest = new Guest();
        guest.Registers.Xmm[0] = guest.Registers.Xmm[1] = guest.Registers.Xmm[3] = UInt128.MaxValue;
        guest.Registers.Xmm[2] = 5;
        guest.Rdi = Guest.Data;
        guest.Word(Guest.Data) = 7;
        guest.Run(a =>
        {
            a.movsd(xmm0, xmm2);
            a.movss(xmm1, xmm2);
            a.movsd(xmm3, __qword_ptr[rdi]);
        });
        Assert.Equal(new UInt128(ulong.MaxValue, 5), guest.Registers.Xmm[0]);
        Assert.Equal(new UInt128(ulong.MaxValue, 0xFFFFFFFF00000005), guest.Registers.Xmm[1]);
        Assert.Equal((UInt128)7, guest.Registers.Xmm[3]);
    }

    [Fact]
    public void Packed_operations_work_lane_by_lane()
    {
        using var guest = new Guest();
        guest.Registers.Xmm[0] = new UInt128(0x0004000300020001, 0x80007FFF00FF0000);
        guest.Registers.Xmm[1] = new UInt128(0x0001000100010001, 0x0001000100010001);
        guest.Run(a =>
        {
            a.movdqa(xmm2, xmm0);
            a.paddw(xmm2, xmm1);
            a.movdqa(xmm3, xmm0);
            a.pcmpgtw(xmm3, xmm1);
            a.pmovmskb(eax, xmm3);
            a.pshufd(xmm4, xmm0, 0x1B);
            a.movdqa(xmm5, xmm0);
            a.pslldq(xmm5, 3);
            a.movdqa(xmm6, xmm0);
            a.punpcklwd(xmm6, xmm1);
            a.movdqa(xmm7, xmm0);
            a.psraw(xmm7, 4);
        });
        Assert.Equal(new UInt128(0x0005000400030002, 0x8001800001000001), guest.Registers.Xmm[2]);
        Assert.Equal(0b1111_1100_0011_1100UL, guest.Rax);
        Assert.Equal(new UInt128(0x00FF000080007FFF, 0x0002000100040003), guest.Registers.Xmm[4]);
        Assert.Equal(new UInt128(0x0004000300020001, 0x80007FFF00FF0000) << 24, guest.Registers.Xmm[5]);
        Assert.Equal(new UInt128(0x0001800000017FFF, 0x000100FF00010000), guest.Registers.Xmm[6]);
        Assert.Equal(new UInt128(0, 0xF80007FF000F0000), guest.Registers.Xmm[7]);
    }

    [Fact]
    public void A_misaligned_operand_that_has_to_be_aligned_is_a_protection_error_and_changes_nothing()
    {
        Action<Assembler>[] forms =
        [
            a => a.movaps(xmm0, __xmmword_ptr[rdi]), a => a.movdqa(__xmmword_ptr[rdi], xmm0), a => a.paddd(xmm0, __xmmword_ptr[rdi]),
        ];
        foreach (var form in forms)
        {
            using var guest = new Guest(form);
            guest.Rdi = Guest.Data + 8;
            var before = guest.State();
            Assert.Equal(ProcessorExitReason.GeneralProtection, guest.Processor.Run(10).Reason);
            Assert.Equal(before, guest.State());
        }
    }
}

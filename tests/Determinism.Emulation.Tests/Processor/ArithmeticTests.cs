using System.Numerics;
using CsCheck;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Emulation.Tests;

public class ArithmeticTests
{
    private const ulong Carry = 1;
    private const ulong Parity = 4;
    private const ulong Adjust = 0x10;
    private const ulong Zero = 0x40;
    private const ulong Sign = 0x80;
    private const ulong Overflow = 0x800;
    private const ulong Status = Carry | Parity | Adjust | Zero | Sign | Overflow;

    private static readonly Gen<ulong> Interesting = Gen.OneOf(
        Gen.OneOf(0UL, 1UL, 2UL, 0x7FUL, 0x80UL, 0xFFUL, 0x7FFFUL, 0x8000UL, 0x7FFFFFFFUL, 0x80000000UL, 0xFFFFFFFFUL,
            0x7FFFFFFFFFFFFFFFUL, 0x8000000000000000UL, ulong.MaxValue),
        Gen.ULong);

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void Addition_and_subtraction_with_and_without_carry_follow_the_definition_of_every_flag(int bits)
    {
        using var guest = new Guest();
        Gen.Select(Interesting, Interesting, Gen.Int[0, 3], Gen.Bool).Sample((left, right, operation, carryIn) =>
        {
            guest.Rax = left;
            guest.Rcx = right;
            guest.Registers.Rflags = 2 | (carryIn ? Carry : 0);
            guest.Run(a => Binary(a, operation, bits));
            var mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
            var (x, y) = (left & mask, right & mask);
            var carry = operation >= 2 && carryIn ? 1 : 0;
            var subtract = (operation & 1) != 0;
            BigInteger unsigned = subtract ? (BigInteger)x - y - carry : (BigInteger)x + y + carry;
            BigInteger signed = subtract ? (BigInteger)SignExtend(x, bits) - SignExtend(y, bits) - carry
                : (BigInteger)SignExtend(x, bits) + SignExtend(y, bits) + carry;
            var result = (ulong)(unsigned & mask);
            var nibble = subtract ? (int)(x & 15) - (int)(y & 15) - carry : (int)(x & 15) + (int)(y & 15) + carry;
            var flags = (unsigned < 0 || unsigned > mask ? Carry : 0)
                | (signed != SignExtend(result, bits) ? Overflow : 0)
                | (nibble is < 0 or > 15 ? Adjust : 0)
                | (result == 0 ? Zero : 0)
                | ((result >> (bits - 1)) * Sign)
                | ((BitOperations.PopCount(result & 0xFF) & 1) == 0 ? Parity : 0);
            Assert.Equal(flags, guest.Registers.Rflags & Status);
            Assert.Equal(bits < 32 ? (left & ~mask) | result : result, guest.Rax);
        }, threads: 1);
    }

    [Fact]
    public void Wide_multiplication_and_division_are_inverse()
    {
        using var guest = new Guest();
        Gen.Select(Interesting, Interesting, Interesting).Sample((quotient, divisor, remainder) =>
        {
            if (divisor == 0)
                return;
            remainder %= divisor;
            guest.Rax = quotient;
            guest.Rcx = divisor;
            guest.Rbx = remainder;
            guest.Run(a =>
            {
                a.mul(rcx);
                a.add(rax, rbx);
                a.adc(rdx, 0);
                a.div(rcx);
            });
            Assert.Equal(quotient, guest.Rax);
            Assert.Equal(remainder, guest.Rdx);
        }, threads: 1);
    }

    [Theory]
    [InlineData(-7, 2, -3, -1)]
    [InlineData(7, -2, -3, 1)]
    [InlineData(-7, -2, 3, -1)]
    [InlineData(int.MinValue, 1, int.MinValue, 0)]
    public void Signed_division_truncates_towards_zero(int dividend, int divisor, int quotient, int remainder)
    {
        using var guest = new Guest();
        guest.Rax = (uint)dividend;
        guest.Rcx = (uint)divisor;
        guest.Run(a =>
        {
            a.cdq();
            a.idiv(ecx);
        });
        Assert.Equal((uint)quotient, guest.Rax);
        Assert.Equal((uint)remainder, guest.Rdx);
    }

    [Theory]
    [InlineData(1, 0, 0, 64)]
    [InlineData(1, 1, 1, 64)]
    [InlineData(1, 1, 1, 32)]
    [InlineData(1, 256, 1, 8)]
    public void A_quotient_that_does_not_fit_or_a_zero_divisor_is_a_divide_error_that_changes_nothing(
        ulong low, ulong high, ulong divisor, int bits)
    {
        using var guest = new Guest(a =>
        {
            if (bits == 64)
                a.div(rcx);
            else if (bits == 32)
                a.div(ecx);
            else
                a.div(cl);
        });
        guest.Rax = bits == 8 ? low | high : low;
        guest.Rdx = high;
        guest.Rcx = divisor;
        var before = guest.State();
        Assert.Equal(ProcessorExitReason.DivideError, guest.Processor.Run(100).Reason);
        Assert.Equal(before, guest.State());
        Assert.Equal(0UL, guest.Processor.Count);
    }

    [Fact]
    public void The_most_negative_number_divided_by_minus_one_is_a_divide_error()
    {
        using var guest = new Guest(a => a.idiv(rcx));
        guest.Rax = 0x8000000000000000;
        guest.Rdx = ulong.MaxValue;
        guest.Rcx = ulong.MaxValue;
        Assert.Equal(ProcessorExitReason.DivideError, guest.Processor.Run(100).Reason);
    }

    [Fact]
    public void Shifts_follow_their_definition_at_every_count()
    {
        using var guest = new Guest();
        Gen.Select(Interesting, Gen.Byte, Gen.Int[0, 2]).Sample((value, count, operation) =>
        {
            guest.Rax = value;
            guest.Rbx = value;
            guest.Rcx = count;
            guest.Registers.Rflags = 2 | Carry | Overflow;
            guest.Run(a =>
            {
                switch (operation)
                {
                    case 0:
                        a.shl(ebx, cl);
                        a.shl(rax, cl);
                        break;
                    case 1:
                        a.shr(ebx, cl);
                        a.shr(rax, cl);
                        break;
                    default:
                        a.sar(ebx, cl);
                        a.sar(rax, cl);
                        break;
                }
            });
            var by = count & 63;
            var expected = operation switch { 0 => value << by, 1 => value >> by, _ => (ulong)((long)value >> by) };
            var narrow = (uint)value;
            var by32 = count & 31;
            var expected32 = operation switch { 0 => narrow << by32, 1 => narrow >> by32, _ => (uint)((int)narrow >> by32) };
            Assert.Equal(expected, guest.Rax);
            Assert.Equal(expected32, guest.Rbx);
            if (by != 0)
            {
                var carry = operation switch
                {
                    0 => (value >> (64 - by)) & 1,
                    1 => (value >> (by - 1)) & 1,
                    _ => (ulong)((long)value >> (by - 1)) & 1,
                };
                Assert.Equal(carry, guest.Registers.Rflags & Carry);
                Assert.Equal(expected == 0, (guest.Registers.Rflags & Zero) != 0);
            }
            else if (by32 == 0)
            {
                Assert.Equal(Carry | Overflow, guest.Registers.Rflags & Status);
            }
        }, threads: 1);
    }

    [Fact]
    public void Rotating_through_carry_there_and_back_gives_value_and_carry_again()
    {
        using var guest = new Guest();
        Gen.Select(Interesting, Gen.Byte, Gen.Bool).Sample((value, count, carry) =>
        {
            guest.Rax = guest.Rbx = value;
            guest.Rcx = count;
            guest.Registers.Rflags = 2 | (carry ? Carry : 0);
            guest.Run(a =>
            {
                a.rcl(rax, cl);
                a.rcr(rax, cl);
                a.rcr(bl, cl);
                a.rcl(bl, cl);
            });
            Assert.Equal(value, guest.Rax);
            Assert.Equal(value, guest.Rbx);
            Assert.Equal(carry, (guest.Registers.Rflags & Carry) != 0);
        }, threads: 1);
    }

    [Fact]
    public void High_byte_registers_are_bits_8_to_15_and_leave_the_rest_alone()
    {
        using var guest = new Guest();
        guest.Rax = 0x1122334455667788;
        guest.Rbx = 0xFF;
        guest.Run(a =>
        {
            a.mov(bl, ah);
            a.add(ah, 1);
            a.xchg(al, ah);
        });
        Assert.Equal(0x1122334455668878UL, guest.Rax);
        Assert.Equal(0x77UL, guest.Rbx);
    }

    [Fact]
    public void Results_of_32_bits_clear_the_upper_half_and_smaller_ones_keep_it()
    {
        using var guest = new Guest();
        guest.Rax = guest.Rcx = guest.Rdx = guest.Rbx = ulong.MaxValue;
        guest.Run(a =>
        {
            a.mov(eax, eax);
            a.mov(cx, 1);
            a.cmp(eax, eax);
            a.cmovne(edx, eax);
            a.movsx(bx, cl);
        });
        Assert.Equal(0xFFFFFFFFUL, guest.Rax);
        Assert.Equal(0xFFFFFFFFFFFF0001UL, guest.Rcx);
        Assert.Equal(0xFFFFFFFFUL, guest.Rdx);
        Assert.Equal(0xFFFFFFFFFFFF0001UL, guest.Rbx);
    }

    [Fact]
    public void Every_condition_after_a_comparison_agrees_between_branch_set_and_move()
    {
        // Branches and sets have fast forms after a comparison and slow ones after SAHF of the same flags.
        using var guest = new Guest();
        Gen.Select(Interesting, Interesting, Gen.Int[0, 2]).Sample((left, right, comparison) =>
        {
            guest.Rax = left;
            guest.Rcx = right;
            guest.Rdx = 0;
            guest.Rbx = 0;
            guest.Rsi = 0;
            guest.Run(a =>
            {
                ReadOnlySpan<Action<AssemblerRegister8>> sets =
                    [a.setb, a.setae, a.sete, a.setne, a.setbe, a.seta, a.sets, a.setns, a.setl, a.setge, a.setle, a.setg, a.seto, a.setp];
                for (var i = 0; i < sets.Length; i++)
                {
                    Compare(a, comparison);
                    sets[i](dl);
                    Bit(a, rbx, i);
                    Compare(a, comparison);
                    a.lahf();
                    a.seto(r8b);
                    a.add(r8b, 127);
                    a.sahf();
                    sets[i](dl);
                    Bit(a, rsi, i);
                    a.mov(rax, left);
                }
            });
            Assert.Equal(guest.Rbx, guest.Rsi);
        }, threads: 1);

        static void Compare(Assembler a, int comparison)
        {
            if (comparison == 0)
                a.cmp(rax, rcx);
            else if (comparison == 1)
                a.cmp(eax, ecx);
            else
                a.test(al, cl);
        }

        static void Bit(Assembler a, AssemblerRegister64 into, int number)
        {
            a.movzx(edx, dl);
            a.shl(rdx, (byte)number);
            a.or(into, rdx);
        }
    }

    [Fact]
    public void Bit_strings_reach_memory_before_and_behind_their_operand()
    {
        using var guest = new Guest();
        guest.Rdi = Guest.Data;
        guest.Rax = unchecked((ulong)-65);
        guest.Rcx = 200;
        guest.Run(a =>
        {
            a.bts(__qword_ptr[rdi], rax);
            a.bts(__qword_ptr[rdi], rcx);
            a.setc(dl);
            a.btc(__dword_ptr[rdi], ecx);
            a.setc(bl);
        });
        Assert.Equal(1UL << 63, guest.Word(Guest.Data - 16));
        Assert.Equal(0UL, guest.Word(Guest.Data + 24));
        Assert.Equal(0UL, guest.Rdx & 0xFF);
        Assert.Equal(1UL, guest.Rbx & 0xFF);
    }

    [Fact]
    public void A_failed_compare_exchange_loads_the_accumulator_and_a_successful_one_stores()
    {
        using var guest = new Guest();
        guest.Rdi = Guest.Data;
        guest.Word(Guest.Data) = 5;
        guest.Rax = 4;
        guest.Rcx = 9;
        guest.Run(a =>
        {
            a.cmpxchg(__qword_ptr[rdi], rcx);
            a.setz(bl);
            a.cmpxchg(__qword_ptr[rdi], rcx);
            a.setz(bh);
        });
        Assert.Equal(9UL, guest.Word(Guest.Data));
        Assert.Equal(5UL, guest.Rax);
        Assert.Equal(0x100UL, guest.Rbx);
    }

    private static void Binary(Assembler a, int operation, int bits)
    {
        switch (bits, operation)
        {
            case (8, 0): a.add(al, cl); break;
            case (8, 1): a.sub(al, cl); break;
            case (8, 2): a.adc(al, cl); break;
            case (8, _): a.sbb(al, cl); break;
            case (16, 0): a.add(ax, cx); break;
            case (16, 1): a.sub(ax, cx); break;
            case (16, 2): a.adc(ax, cx); break;
            case (16, _): a.sbb(ax, cx); break;
            case (32, 0): a.add(eax, ecx); break;
            case (32, 1): a.sub(eax, ecx); break;
            case (32, 2): a.adc(eax, ecx); break;
            case (32, _): a.sbb(eax, ecx); break;
            case (_, 0): a.add(rax, rcx); break;
            case (_, 1): a.sub(rax, rcx); break;
            case (_, 2): a.adc(rax, rcx); break;
            default: a.sbb(rax, rcx); break;
        }
    }

    private static long SignExtend(ulong value, int bits) => (long)(value << (64 - bits)) >> (64 - bits);
}

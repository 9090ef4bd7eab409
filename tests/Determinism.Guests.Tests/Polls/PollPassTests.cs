using Determinism.Guests.Build.Polls;

namespace Determinism.Guests.Tests.Polls;

public class PollPassTests
{
    [Fact]
    public void A_loop_head_gets_a_poll()
    {
        var places = PlacesOf("""
            	xorl	%eax, %eax
            .L2:
            	addl	%edi, %eax
            	subl	$1, %edi
            	jne	.L2
            	ret
            """);

        Assert.Equal([1], places);
    }

    [Fact]
    public void Nested_loops_get_a_poll_each()
    {
        var places = PlacesOf("""
            .L2:
            	movl	%esi, %ecx
            .L3:
            	addl	%edi, %eax
            	subl	$1, %ecx
            	jne	.L3
            	subl	$1, %edi
            	jne	.L2
            	ret
            """);

        Assert.Equal([0, 1], places);
    }

    [Fact]
    public void A_head_with_live_flags_is_polled_before_they_are_set()
    {
        var places = PlacesOf("""
            	cmpl	$1, %edi
            .L2:
            	je	.L4
            	addl	%edi, %eax
            	leal	1(%rax), %eax
            	subl	$1, %edi
            	leal	1(%rdi), %edx
            	jmp	.L2
            .L4:
            	ret
            """);

        Assert.Equal([4], places);
    }

    [Fact]
    public void A_head_whose_flags_are_read_further_on_is_polled_after_that()
    {
        var places = PlacesOf("""
            	cmpl	$1, %edi
            .L2:
            	setne	%al
            	addl	%edi, %esi
            	cmpl	$1, %esi
            	jne	.L2
            	ret
            """);

        Assert.Equal([2], places);
    }

    [Fact]
    public void Every_jump_back_to_a_head_with_live_flags_is_polled()
    {
        var places = PlacesOf("""
            	cmpl	$1, %edi
            .L2:
            	je	.L4
            	cmpl	$7, %esi
            	je	.L3
            	cmpl	$2, %edi
            	jmp	.L2
            .L3:
            	cmpl	$3, %edi
            	jmp	.L2
            .L4:
            	ret
            """);

        Assert.Equal([4, 6], places);
    }

    [Fact]
    public void An_increment_leaves_the_carry_alive()
    {
        Assert.Equal([1], PlacesOf(".L2:\n\tadcl\t%esi, %eax\n\tcmpl\t%esi, %eax\n\tjne\t.L2\n\tret\n"));
        Assert.Null(PlacesOf(".L2:\n\tadcl\t%esi, %eax\n\tincl\t%edi\n\tjne\t.L2\n\tret\n"));
    }

    [Theory]
    [InlineData("shll\t%cl, %eax", false)] // perhaps by nothing
    [InlineData("shll\t$3, %eax", true)]
    [InlineData("mull\t%ecx", false)]
    [InlineData("ucomisd\t%xmm0, %xmm1", true)]
    [InlineData("lock; xaddl\t%eax, (%rdi)", true)]
    [InlineData("lock cmpxchg16b\t(%rdi)", true)]
    [InlineData("divl\t%ecx", false)]
    [InlineData("movl\t%ecx, %eax", false)]
    public void Flags_are_dead_before_an_instruction_only_if_it_surely_replaces_them(string instruction, bool dead)
    {
        var function = Function("\t" + instruction + "\n\tje\t.L1\n\tret\n.L1:\n\tret\n");

        Assert.Equal(dead, function.FlagsAreDeadBefore(0));
    }

    [Fact]
    public void A_function_that_calls_is_polled_at_its_entry()
    {
        Assert.Equal([0], PlacesOf("\tsubq\t$8, %rsp\n\tcall\tother\n\taddq\t$8, %rsp\n\tret\n"));
        Assert.Equal([0], PlacesOf("\tsubq\t$8, %rsp\n\tcall\t*%rax\n\taddq\t$8, %rsp\n\tret\n"));
    }

    [Fact]
    public void A_leaf_without_loops_has_no_poll()
    {
        Assert.Empty(PlacesOf("\ttestl\t%edi, %edi\n\tje\t.L1\n\tincl\t%edi\n.L1:\n\tret\n")!);
    }

    [Fact]
    public void A_jump_back_that_closes_no_cycle_has_no_poll()
    {
        var places = PlacesOf("""
            	testl	%edi, %edi
            	je	.L3
            .L2:
            	ret
            .L3:
            	movl	$1, %eax
            	jmp	.L2
            """);

        Assert.Empty(places!);
    }

    [Theory]
    [InlineData("\tjmp\t*%rax\n")]
    [InlineData("\tjmp\tother\n")]
    [InlineData("\tnop\n")]
    [InlineData("1:\n\tret\n")]
    [InlineData("\tmovq\t%r15, %rax\n\tret\n")]
    [InlineData("\tmovl\t%r15d, %eax\n\tret\n")]
    [InlineData("\tfldpi\n\tret\n")]
    [InlineData("\t.quad\t1\n\tret\n")]
    [InlineData(".L2:\n\tleal\t1(%rax), %eax\n\tjne\t.L2\n\tret\n")]
    public void What_cannot_be_proven_is_refused_with_its_line(string body)
    {
        var refusal = Assert.Throws<PollPassException>(() => PollPass.Insert(Wrap(body), "text.s"));

        Assert.StartsWith("text.s:" + refusal.Line, refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Line, 3, Wrap(body).Split('\n').Length);
    }

    [Fact]
    public void An_instruction_outside_of_a_function_is_refused()
    {
        Assert.Throws<PollPassException>(() => PollPass.Insert("\t.text\n\tnop\n", "text.s"));
    }

    [Fact]
    public void The_text_is_kept_and_the_trap_stands_inside_the_function()
    {
        var output = PollPass.Insert(Wrap(".L2:\n\tsubl\t$1, %edi\n\tjne\t.L2\n\tret\n"), "text.s");

        var expected = """
            	.type	f, @function
            f:
            .L2:
            	incq	%r15
            	cmpq	%gs:8, %r15
            	jae	.Lpoll_trap0
            .Lpoll_resume0:
            	subl	$1, %edi
            	jne	.L2
            	ret
            .Lpoll_trap0:
            	outb	%al, $0x10
            	jmp	.Lpoll_resume0
            	.size	f, .-f

            """;
        Assert.Equal(expected, output);
    }

    [Fact]
    public void Comment_signs_and_semicolons_in_strings_are_text()
    {
        var statements = AssemblerStatement.Parse("\t.string\t\"a;b#\\\"c\" # comment\n\tnop; ret\n");

        Assert.Equal([".string", "nop", "ret"], statements.Select(statement => statement.Name));
        Assert.Equal("\"a;b#\\\"c\"", statements[0].Operands);
    }

    private static string Wrap(string body) => "\t.type\tf, @function\nf:\n" + body + "\t.size\tf, .-f\n";

    private static AssemblerFunction Function(string body) => new("text.s", "f", AssemblerStatement.Parse(body));

    private static SortedSet<int>? PlacesOf(string body)
    {
        try
        {
            return PollPass.PlacesOf(Function(body));
        }
        catch (PollPassException)
        {
            return null;
        }
    }
}

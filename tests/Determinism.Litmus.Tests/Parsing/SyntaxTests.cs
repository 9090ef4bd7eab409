namespace Determinism.Litmus.Tests.Parsing;

/// <summary>What of the format is understood, and how.</summary>
public class SyntaxTests
{
    [Theory]
    [InlineData("movq $1,(x)")]
    [InlineData("movq $1, x")]
    [InlineData("movq $0x1,x(%rip)")]
    [InlineData("movq $1,[x]")]
    [InlineData("mov qword ptr [x], 1", "mov rbx, rcx")]
    [InlineData("MOV QWORD PTR [RIP+x],1", "MOV RBX,RCX")]
    [InlineData("mov [x],$1", "mov rbx, rcx")]
    public void A_store_may_be_written_in_many_ways(string text, string? other = null)
    {
        LitmusInstruction store = First(text, other);
        Assert.Equal(Operation.Mov, store.Operation);
        Assert.Equal(8, store.Bytes);
        Assert.Equal([new AddressOperand("x", null, null, 1, 0), new ImmediateOperand(1, null)], store.Operands);
        Assert.True(store.WritesMemory);
        Assert.False(store.ReadsMemory);
    }

    [Theory]
    [InlineData("movl 8(%rax,%rbx,4),%ecx", 4, 0, 3, 4, 8L, null)]
    [InlineData("movzbl x+4(%rbx),%ecx", 4, 3, null, 1, 4L, "x")]
    [InlineData("mov ecx, dword ptr [rax + rbx*4 + 8]", 4, 0, 3, 4, 8L, null)]
    [InlineData("mov cl, [x + rbx - 1]", 1, 3, null, 1, -1L, "x")]
    [InlineData("movw (,%rbx,2),%cx", 2, null, 3, 2, 0L, null)]
    public void Addresses_have_all_their_parts(
        string text, int bytes, int? start, int? index, int scale, long displacement, string? symbol)
    {
        LitmusInstruction load = First(text);
        Assert.Equal(bytes, load.Bytes);
        Assert.Equal(new AddressOperand(symbol, start, index, scale, displacement), load.Address);
        Assert.True(load.ReadsMemory);
        Assert.False(load.WritesMemory);
    }

    [Theory]
    [InlineData("lock incq (x)", Operation.Inc, true)]
    [InlineData("LOCK ADD [x],$2", Operation.Add, true)]
    [InlineData("xchgl %eax,(x)", Operation.Xchg, true)]
    [InlineData("xchgl (x),%eax", Operation.Xchg, true)]
    [InlineData("xaddl %eax,(x)", Operation.Xadd, false)]
    [InlineData("lock cmpxchgq %rbx,(x)", Operation.Cmpxchg, true)]
    [InlineData("decb (x)", Operation.Dec, false)]
    public void Instructions_that_read_and_write_are_atomic_or_not(string text, Operation operation, bool isAtomic)
    {
        LitmusInstruction one = First(text);
        Assert.Equal(operation, one.Operation);
        Assert.True(one.ReadsMemory && one.WritesMemory);
        Assert.Equal(isAtomic, one.IsAtomic);
        Assert.IsType<AddressOperand>(one.Operands[0]);
    }

    [Theory]
    [InlineData("rdtsc")]
    [InlineData("movq %xmm0,(x)")]
    [InlineData("movnti %rax,(x)")]
    [InlineData("movq %eax,(x)")]
    [InlineData("movq (x),(y)")]
    [InlineData("movq %gs:8,%rax")]
    [InlineData("lock movq %rax,(x)")]
    [InlineData("jmp *%rax")]
    [InlineData("jmp nowhere")]
    [InlineData("movq 3(%eax),%rax")]
    [InlineData("movq (%rax,%rbx,3),%rax")]
    [InlineData("movb %ah,(x)")]
    [InlineData("clflush (x)")]
    [InlineData("movq $1")]
    [InlineData("movq $1,$2")]
    [InlineData("movq , ,")]
    [InlineData("push %rax")]
    public void What_is_not_supported_is_refused_with_its_line(string text)
    {
        var error = Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(Wrap(text)));
        Assert.True(error.Message.StartsWith("line 3:", StringComparison.Ordinal) || error.Message.Contains("nowhere"), error.Message);
    }

    [Theory]
    [InlineData("movq %rax,%rsp", "RSP")]
    [InlineData("movq $0x100000000,(x)", "no instruction")]
    [InlineData("movb $256,(x)", "no instruction")]
    [InlineData("cmovzb %al,%bl", "no instruction")]
    public void What_no_guest_can_do_is_refused_when_it_is_built(string text, string says)
    {
        LitmusTest test = LitmusParser.Parse(Wrap(text));
        var error = Assert.Throws<LitmusFormatException>(() => new LitmusGuest(test, new GuestPlan { Iterations = 1 }));
        Assert.Contains(says, error.Message);
    }

    [Theory]
    [InlineData("x=1 /\\ ~(y=2 \\/ 0:rax=3)", true)]
    [InlineData("x=1 /\\ y=2 \\/ 0:rax=0", true)]
    [InlineData("not x=1", false)]
    [InlineData("x=1 => y=2", false)]
    [InlineData("x=2 => y=2", true)]
    [InlineData("[x]=0x1 /\\ 0:%eax=0 /\\ true", true)]
    [InlineData("(x<>1)", false)]
    [InlineData("x == 1", true)]
    public void Conditions_have_the_usual_precedence(string condition, bool holds)
    {
        LitmusTest test = LitmusParser.Parse(Wrap("movq $1,(x)", condition));
        var variables = new VariableMap(test, VariableLayout.Same);
        Outcome outcome = OutcomeEnumerator.Enumerate(test, variables, MemoryModel.TotalStoreOrder).Single();
        Assert.Equal(holds, outcome.Fulfils(test, variables));
    }

    [Fact]
    public void Declarations_comments_locations_and_labels_are_understood()
    {
        LitmusTest test = LitmusParser.Parse("""
            X86_64 all (* of it (* nested *)
            over lines *)
            "a text with { in it"
            Note=a=b
            {
            volatile unsigned int x = 7; uint8_t y; int* p = &x; [z]=-1;
            uint64_t 0:rax; 1:rbx=x; int16_t 1:rcx=3
            }
            # a line
            P0 | P1 ;
             L0: L1: movl $1,(x) | jmp End ;
             jne L0 | End: ;
            locations [x; 0:rdx; [y];]
            ~exists (0:rax=0)
            """);
        Assert.Equal("all", test.Name.Trim());
        Assert.Equal("a=b", test.Notes["Note"]);
        Assert.Equal(Quantifier.NotExists, test.Quantifier);
        Assert.Equal([("p", 8), ("x", 4), ("y", 1), ("z", 4)], test.Variables.Select(static one => (one.Name, one.Bytes)));
        Assert.Equal(new LitmusValue(0, "x"), test.Variables[0].Initial);
        Assert.Equal(new LitmusValue(0, "x"), test.InitialRegisters[(1, 3)]);
        Assert.Equal(["0:rax", "0:rdx", "1:cx", "1:rbx"], test.Places.Take(4).Select(static place => place.ToString()));
        Assert.Equal(0, test.Threads[0].Labels["L1"]);
        Assert.Equal(1, test.Threads[1].Labels["End"]);
    }

    private static LitmusInstruction First(string text, string? other = null) =>
        LitmusParser.Parse(Wrap(text + (other is null ? "" : $" ;\n {other}"))).Threads[0].Instructions[0];

    private static string Wrap(string code, string condition = "x=0") =>
        $"X86_64 one\n{{ uint64_t x; uint64_t y; }}\n{(code.StartsWith("P0", StringComparison.Ordinal) ? "" : "P0 ; ")}{code} ;\nexists ({condition})";
}

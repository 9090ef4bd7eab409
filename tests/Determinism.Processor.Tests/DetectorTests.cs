using Determinism.ProcessorTests.Comparison;
using Determinism.ProcessorTests.Generation;
using Iced.Intel;
using Xunit;

namespace Determinism.ProcessorTests;

/// <summary>The comparison is not blind: every kind of wrong result planted is reported, and what may differ is not.</summary>
/// <remarks>Both sides are managed processors, so this runs on every computer.</remarks>
public sealed unsafe class DetectorTests : IDisposable
{
    private const ulong Seed = 7;

    private readonly ManagedProcessor _first = new(ManagedMode.AtOnce, 12, Seed);
    private readonly ManagedProcessor _second = new(ManagedMode.AtOnce, 12, Seed);
    private readonly SnippetGenerator _generator = new(Seed, InstructionForms.All);

    [Theory]
    [InlineData(Layout.Outputs + 0, "RAX")]
    [InlineData(Layout.Outputs + 0x7F, "R15")]
    [InlineData(Layout.Outputs + Layout.XmmOffset + 0x0F, "XMM0")]
    [InlineData(Layout.Outputs + Layout.XmmOffset + 0xF0, "XMM15")]
    [InlineData(Layout.Outputs + Layout.FlagsOffset, "flags")]
    [InlineData(Layout.Outputs + Layout.FlagsOffset + 1, "flags")]
    [InlineData(Layout.Middle - 100, "middle-100")]
    [InlineData(Layout.Middle + 255, "middle+255")]
    [InlineData(Layout.Outputs + 0x400, "[")]
    [InlineData(0xFFF, "[")]
    public void One_wrong_bit_is_reported(ulong offset, string where)
    {
        var number = FirstWith(s => s.UndefinedFlags == 0 && s.Units[0].UndefinedRegister < 0);
        var differential = new Differential(_first, _second)
        {
            Disturb = (_, memory) => ((byte*)memory)[Layout.Slot(1) + offset] ^= 1,
        };
        var (snippet, report) = Assert.Single(differential.Run([Generate(number, 0), Generate(number, 1), Generate(number, 2)]));
        Assert.Equal(1, snippet.Slot);
        Assert.Contains(where, report, StringComparison.Ordinal);
    }

    [Fact]
    public void An_undefined_flag_may_differ_and_a_defined_one_may_not()
    {
        const uint adjust = (uint)RflagsBits.AF;
        var number = FirstWith(s => s.UndefinedFlags == adjust && s.Units[0].Instructions[0].Mnemonic == Mnemonic.And);
        const ulong flags = Layout.Outputs + Layout.FlagsOffset + 1;
        var undefined = new Differential(_first, _second) { Disturb = (_, m) => ((byte*)m)[Layout.Slot(0) + flags] ^= 0x10 };
        Assert.Empty(undefined.Run([Generate(number, 0)]));
        var defined = new Differential(_first, _second) { Disturb = (_, m) => ((byte*)m)[Layout.Slot(0) + flags] ^= 0x40 };
        Assert.Single(defined.Run([Generate(number, 0)]));
    }

    [Fact]
    public void A_wrong_instruction_in_a_sequence_is_named_with_its_seed()
    {
        // NEG with the opposite of its carry, at the end of whatever contains one.
        var differential = new Differential(_first, _second)
        {
            Disturb = (snippets, memory) =>
            {
                foreach (var snippet in snippets.Where(s => s.Units[^1].Instructions.Any(i => i.Mnemonic == Mnemonic.Neg)))
                    ((byte*)memory)[Layout.Slot(snippet.Slot) + Layout.Outputs + Layout.FlagsOffset + 1] ^= 1;
            },
        };
        for (var number = 0UL; ; number++)
        {
            var sequence = _generator.Sequence(number, 0);
            var at = sequence.Units.FindIndex(u => u.Instructions.Any(i => i.Mnemonic == Mnemonic.Neg)) + 1;
            if (at < 3)
                continue;
            var (snippet, report) = Assert.Single(differential.Run([sequence.Prefix(at)]));
            var text = Reporter.Describe(differential, snippet, report, _first, out _);
            Assert.Contains($"seed {Seed}, sequence {number}, unit {at}:", text, StringComparison.Ordinal);
            Assert.Contains("neg ", text.Split('\n')[0], StringComparison.Ordinal);
            Assert.Contains("flags: ", text, StringComparison.Ordinal);
            Assert.DoesNotContain("only after", text, StringComparison.Ordinal);
            return;
        }
    }

    [Fact]
    public void The_same_seed_makes_the_same_test_cases()
    {
        var again = new SnippetGenerator(Seed, InstructionForms.All);
        for (var number = 0UL; number < 500; number++)
        {
            var (a, b) = (_generator.Sequence(number, 3), again.Sequence(number, 3));
            Assert.Equal(string.Join('\n', a.Units), string.Join('\n', b.Units));
            Assert.Equal(a.Gpr, b.Gpr);
            Assert.Equal(a.Xmm, b.Xmm);
            Assert.Equal(a.Window, b.Window);
        }
    }

    [Fact]
    public void Every_form_takes_its_turn()
    {
        var forms = InstructionForms.All;
        Assert.True(forms.Length > 650, $"{forms.Length} forms");
        for (var number = 0UL; number < (ulong)forms.Length * 3; number++)
        {
            var unit = _generator.Single(number, 0).Units[0];
            if (unit.Instructions.Length == 1)
                Assert.Equal(forms[(int)(number % (ulong)forms.Length)], unit.Instructions[0].Code);
        }
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private Snippet Generate(ulong number, int slot) => _generator.Single(number, slot);

    private ulong FirstWith(Func<Snippet, bool> condition)
    {
        var number = 0UL;
        while (!condition(_generator.Single(number, 0)))
            number++;
        return number;
    }
}

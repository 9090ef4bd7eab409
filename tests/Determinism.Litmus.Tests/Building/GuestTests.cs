using Determinism.Machine;

namespace Determinism.Litmus.Tests.Building;

public class GuestTests
{
    [Theory]
    [InlineData(VariableLayout.Page)]
    [InlineData(VariableLayout.Line)]
    [InlineData(VariableLayout.Same)]
    public void Every_guest_passes_the_load_check_of_both_clocks(VariableLayout layout)
    {
        foreach (LitmusTest test in Suite.Files.Select(static file => file.Test!))
        {
            foreach (bool isPolled in (bool[])[true, false])
            {
                var guest = new LitmusGuest(test, new GuestPlan { Iterations = 1, Layout = layout, IsPolled = isPolled });
                Assert.Empty(GuestCheck.FindObstacles(guest.Configure(ClockKind.SoftwareCounter)));
                Assert.Empty(GuestCheck.FindObstacles(guest.Configure(ClockKind.RetiredInstructions)));
            }
        }
    }

    [Fact]
    public void Variables_are_a_page_or_a_line_or_a_word_apart()
    {
        LitmusTest test = Suite.Find("3.SB");
        Assert.Equal(4096UL, Distance(VariableLayout.Page));
        Assert.Equal(64UL, Distance(VariableLayout.Line));
        Assert.Equal(8UL, Distance(VariableLayout.Same));

        ulong Distance(VariableLayout layout)
        {
            var variables = new VariableMap(test, layout);
            Assert.Equal(variables["y"] - variables["x"], variables["z"] - variables["y"]);
            return variables["y"] - variables["x"];
        }
    }

    [Fact]
    public void All_parts_of_a_register_may_be_looked_at()
    {
        string[] names = [.. Enumerable.Range(0, 16).Where(static one => one != 4)
            .SelectMany(static one => (int[])[1, 2, 4, 8], static (one, bytes) => "0:" + RegisterNames.NameOf(one, bytes))];
        LitmusTest test = LitmusParser.Parse("X86_64 parts\n{ 0:rbx=0x1122334455667788; }\nP0;\nnop;\n"
            + $"locations [{string.Join(';', names)}]\nexists true");
        var error = Assert.Throws<LitmusFormatException>(() => new LitmusGuest(test, new GuestPlan { Iterations = 1 }));
        Assert.Contains("all registers", error.Message);

        test = LitmusParser.Parse("X86_64 parts\n{ 0:rbx=0x1122334455667788; }\nP0;\nnop;\n"
            + $"locations [{string.Join(';', names.Skip(4))}]\nexists true");
        LitmusResult result = new LitmusRunner(Running.On.Chaos("managed") with { Iterations = 2 }).Record(test);
        Assert.True(result.IsSound);
        Assert.Contains("0:bl=136 0:bx=30600 0:ebx=1432778632 0:rbx=1234605616436508552",
            result.Seen.Keys.Single().TextOf(test, result.Variables));
    }
}

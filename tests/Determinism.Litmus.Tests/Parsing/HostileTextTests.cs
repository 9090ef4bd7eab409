namespace Determinism.Litmus.Tests.Parsing;

/// <summary>Whatever a file holds: it is a test, or it is refused with a reason.</summary>
public class HostileTextTests
{
    private const int Seed = 20261123;

    [Theory]
    [InlineData("")]
    [InlineData("   \n\n")]
    [InlineData("AArch64 MP\n{}\n")]
    [InlineData("X86_64")]
    [InlineData("X86_64 a")]
    [InlineData("X86_64 a\n{")]
    [InlineData("X86_64 a\n{}")]
    [InlineData("X86_64 a\n{}\nP0;\nnop")]
    [InlineData("X86_64 a\n{}\nP0;\nnop;\n")]
    [InlineData("X86_64 a\n{}\nP1;\nnop;\nexists true")]
    [InlineData("X86_64 a\n{}\nP0|P1;\nnop;\nexists true")]
    [InlineData("X86_64 a\n{}\nP0;\nnop;\nexists (x=1")]
    [InlineData("X86_64 a\n{}\nP0;\nnop;\nexists (x=1))")]
    [InlineData("X86_64 a\n{}\nP0;\nnop;\nexists (7:rax=1)")]
    [InlineData("X86_64 a\n{}\nP0;\nnop;\nfilter (x=1)\nexists (x=1)")]
    [InlineData("X86_64 a\n{ uint64_t x[4]; }\nP0;\nnop;\nexists (x=1)")]
    [InlineData("X86_64 a\n{ 0:xmm0=1; }\nP0;\nnop;\nexists (x=1)")]
    [InlineData("X86_64 a\n{ 99999999999:rax=1; }\nP0;\nnop;\nexists (x=1)")]
    [InlineData("X86_64 a\n{ x=99999999999999999999; }\nP0;\nnop;\nexists (x=1)")]
    [InlineData("X86_64 a (* open\n{}\nP0;\nnop;\nexists true")]
    [InlineData("X86_64 a\n\"open\n{}\nP0;\nnop;\nexists true")]
    [InlineData("X86_64 a\n{}\nP0;\nL:nop;L:nop;\nexists true")]
    public void What_is_no_test_is_refused(string text) => Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(text));

    [Fact]
    public void Depth_and_length_have_limits()
    {
        Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(
            "X86_64 a\n{}\nP0;\nnop;\nexists " + new string('(', 100_000) + "x=1"));
        Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(
            "X86_64 a\n{}\nP0;\nnop;\nexists " + new string('~', 100_000) + "x=1"));
        Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(new string(' ', (1 << 20) + 1)));
        Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(
            "X86_64 a\n{}\nP0;\n" + string.Concat(Enumerable.Repeat("nop;\n", 1001)) + "exists true"));
        Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse("X86_64 a\n{"
            + string.Concat(Enumerable.Range(0, 65).Select(static i => $"x{i};")) + "}\nP0;\nnop;\nexists true"));
        Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(
            $"X86_64 a\n{{}}\n{string.Join('|', Enumerable.Range(0, 17).Select(static i => $"P{i}"))};\nexists true"));
    }

    [Fact]
    public void A_damaged_file_is_a_test_or_is_refused()
    {
        var random = new Random(Seed);
        string[] pieces = ["(", ")", "[", "]", "{", "}", ";", "|", "%", "$", ",", ":", "=", "/\\", "\\/", "~", "(*", "*)", "\"",
            "lock ", "rax", "-", "+", "*", "99999999999999999999", "0x", "\0", "\u00e9", "\n", "exists", "P0"];
        string[] texts = [.. Suite.Files.Select(static file => File.ReadAllText(file.Path))];
        int refused = 0, times = TestTier.Times(5_000, 200_000);
        for (int time = 0; time < times; time++)
        {
            string text = texts[random.Next(texts.Length)];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(text.Length), length = Math.Min(random.Next(12), text.Length - at);
                text = random.Next(3) switch
                {
                    0 => text.Remove(at, length),
                    1 => text.Insert(at, pieces[random.Next(pieces.Length)]),
                    _ => text[..at],
                } + " ";
            }
            try
            {
                LitmusTest test = LitmusParser.Parse(text);
                _ = new LitmusGuest(test, new GuestPlan { Iterations = 1 });
            }
            catch (LitmusFormatException)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"Seed {Seed}, time {time}: {error}\n{text}");
            }
        }
        Assert.InRange(refused, times / 4, times - 1);
    }
}

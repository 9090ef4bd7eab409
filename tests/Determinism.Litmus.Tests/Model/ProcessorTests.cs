using System.Globalization;
using System.Text;
using Determinism.Litmus.Tests.Running;

namespace Determinism.Litmus.Tests.Model;

/// <summary>What the model computes is what the backends compute: random programs of one thread.</summary>
public class ProcessorTests
{
    private const int Seed = 4711;
    private const int Length = 30;

    private static readonly string[] s_registers = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r15"];
    private static readonly string[] s_wide = ["add", "sub", "and", "or", "xor", "mov", "xadd", "xchg", "cmpxchg"];
    private static readonly string[] s_conditions =
        ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];

    [SkippableTheory]
    [InlineData("managed")]
    [InlineData("kvm")]
    public void A_random_program_ends_as_the_model_says(string backend)
    {
        RunSettings settings = On.Chaos(backend) with { Iterations = 1 };
        var random = new Random(Seed);
        for (int time = 0; time < TestTier.Times(20, 2_000); time++)
        {
            string text = MakeProgram(random);
            LitmusResult result = new LitmusRunner(settings).RunUnrecorded(LitmusParser.Parse(text));
            string expected = result.Allowed.Single().TextOf(result.Test, result.Variables);
            string actual = result.Seen.Keys.Single().TextOf(result.Test, result.Variables);
            Assert.True(expected == actual, $"Seed {Seed}, program {time}:\n{expected}\n{actual}\n{text}");
        }
    }

    private static string MakeProgram(Random random)
    {
        var text = new StringBuilder("X86_64 random\n{ uint64_t x=0x1122334455667788; uint64_t y; ");
        foreach (string register in s_registers)
            text.Append(CultureInfo.InvariantCulture, $"0:{register}=0x{random.NextInt64():x}; ");
        text.Append("}\nP0;\n");
        for (int line = 0; line < Length; line++)
            text.Append(MakeInstruction(random)).Append(";\n");
        return text + "locations [" + string.Concat(s_registers.Select(static register => $"0:{register}; ")) + "]\nexists true";
    }

    private static string MakeInstruction(Random random)
    {
        int bytes = 1 << random.Next(4);
        string suffix = "bwlq"[System.Numerics.BitOperations.Log2((uint)bytes)..][..1];
        string target = Register(random, bytes), other = Register(random, bytes);
        string memory = $"{random.Next(0, 9 - bytes)}({(random.Next(2) == 0 ? "x" : "y")})";
        string place = random.Next(3) == 0 ? memory : target;
        string condition = s_conditions[random.Next(s_conditions.Length)];
        // Flags are looked at directly behind what sets all of them.
        string compare = $"{(random.Next(2) == 0 ? "cmp" : "sub")}{suffix} {other},{target};\n";
        return random.Next(8) switch
        {
            0 => $"{Any(random, "inc", "dec", "neg", "not")}{suffix} {place}",
            1 => $"{Any(random, "shl", "shr", "sar")}{suffix} ${random.Next(1, 8 * bytes)},{place}",
            2 => $"{Any(random, "add", "sub", "and", "or", "xor", "mov", "cmp")}{suffix} ${random.Next(-128, 128)},{place}",
            3 => $"{Any(random, "add", "sub", "mov", "xor", "cmp")}{suffix} {memory},{target}",
            4 => compare + $"set{condition} {Register(random, 1)}",
            5 when bytes > 1 => compare + $"cmov{condition}{suffix} {Any(random, memory, other)},{target}",
            6 when bytes > 1 => $"mov{Any(random, "z", "s")}b{suffix} {Register(random, 1)},{target}",
            7 => $"leaq {random.Next(-99, 99)}({Register(random, 8)},{Register(random, 8)},{1 << random.Next(4)}),{Register(random, 8)}",
            _ => $"{s_wide[random.Next(s_wide.Length)]}{suffix} {other},{place}",
        };
    }

    private static string Register(Random random, int bytes) =>
        "%" + RegisterNames.NameOf(s_all[random.Next(s_all.Length)], bytes);

    private static readonly int[] s_all = [0, 3, 1, 2, 6, 7, 8, 15];

    private static string Any(Random random, params string[] choices) => choices[random.Next(choices.Length)];
}

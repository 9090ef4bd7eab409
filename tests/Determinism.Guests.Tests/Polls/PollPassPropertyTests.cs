using System.Globalization;
using System.Text;
using CsCheck;
using Determinism.Guests.Build.Polls;

namespace Determinism.Guests.Tests.Polls;

/// <summary>Random functions: what the pass puts in is in every cycle and changes no run.</summary>
public class PollPassPropertyTests
{
    private static readonly string[] Plain =
        ["leal\t1(%rax), %eax", "cmpl\t%edi, %esi", "incl\t%eax", "adcl\t%esi, %eax", "shll\t%cl, %eax", "call\tother"];

    private static readonly string[] Conditions = ["je", "jb", "jl", "jbe"];

    // A jump's target is an index; the last instruction is a return.
    private readonly record struct Step(int Kind, int Target);

    private static readonly Gen<Step[]> Functions =
        Gen.Select(Gen.Int[0, Plain.Length + Conditions.Length], Gen.Int[0, 11]).Select((kind, target) => new Step(kind, target))
            .Array[1, 12];

    [Fact]
    public void Every_cycle_has_a_poll_and_no_run_is_changed()
    {
        int accepted = 0, polled = 0;
        Functions.Sample(
            steps =>
            {
                SortedSet<int> places;
                try
                {
                    places = PollPass.PlacesOf(new AssemblerFunction("text.s", "f", AssemblerStatement.Parse(TextOf(steps))));
                }
                catch (PollPassException)
                {
                    return;
                }
                Interlocked.Increment(ref accepted);
                Interlocked.Add(ref polled, places.Count);
                Assert.False(HasCycle(steps, places), "a cycle without a poll");
                Assert.Equal(Run(steps, []), Run(steps, places));
            },
            iter: 20_000);

        Assert.True(accepted > 3_000 && polled > 3_000, $"only {accepted} functions with {polled} polls");
    }

    private static string TextOf(Step[] steps)
    {
        var text = new StringBuilder();
        for (var i = 0; i < steps.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $".L{i}:\n\t");
            if (steps[i].Kind < Plain.Length)
                text.Append(Plain[steps[i].Kind]).Append('\n');
            else
                text.Append(CultureInfo.InvariantCulture, $"{JumpOf(steps[i])}\t.L{TargetOf(steps, i)}\n");
        }
        return text.Append(CultureInfo.InvariantCulture, $".L{steps.Length}:\n\tret\n").ToString();
    }

    private static string JumpOf(Step step) =>
        step.Kind < Plain.Length + Conditions.Length ? Conditions[step.Kind - Plain.Length] : "jmp";

    private static int TargetOf(Step[] steps, int index) => steps[index].Target % (steps.Length + 1);

    private static IEnumerable<int> Next(Step[] steps, int index)
    {
        if (index == steps.Length)
            yield break;
        if (steps[index].Kind >= Plain.Length)
            yield return TargetOf(steps, index);
        if (steps[index].Kind < Plain.Length + Conditions.Length)
            yield return index + 1;
    }

    private static bool HasCycle(Step[] steps, SortedSet<int> removed)
    {
        // Take away, as long as there are any, the instructions that nothing follows: a cycle is left over.
        var left = Enumerable.Range(0, steps.Length + 1).Where(index => !removed.Contains(index)).ToHashSet();
        while (left.RemoveWhere(index => !Next(steps, index).Any(left.Contains)) > 0)
        {
        }
        return left.Count > 0;
    }

    // The flags are (carry, others); a value names where it comes from, a branch goes by its value.
    private static List<int> Run(Step[] steps, SortedSet<int> polls)
    {
        var path = new List<int>();
        ulong carry = 1, others = 2;
        for (int at = 0, time = 0; time < 200; time++)
        {
            if (polls.Contains(at))
                carry = others = (ulong)time * 977 + 13;
            path.Add(at);
            if (at == steps.Length)
                break;
            var fresh = ((ulong)time + 7) * 0x9E6C63D0876A9A35 >> 13;
            var kind = steps[at].Kind;
            var taken = (kind - Plain.Length) switch
            {
                < 0 => false,
                0 => Odd(others),
                1 => Odd(carry),
                2 => Odd(others >> 1),
                3 => Odd(others ^ carry),
                _ => true,
            };
            if (kind < Plain.Length)
                (carry, others) = Plain[kind][..3] switch
                {
                    "cmp" or "cal" => (fresh, fresh >> 1),
                    "inc" => (carry, fresh),
                    "adc" => (fresh ^ carry, fresh >> 1 ^ carry),
                    _ => (carry, others), // a shift by nothing
                };
            at = taken ? TargetOf(steps, at) : at + 1;
        }
        return path;
    }

    private static bool Odd(ulong value) => (value & 1) != 0;
}

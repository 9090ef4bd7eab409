using CsCheck;
using Determinism.Guests;
using Determinism.Machine;
using Iced.Intel;
using static Determinism.X86.Tests.GuestProgram;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.X86.Tests;

/// <summary>Random code: the check against a simpler one, and against bytes that nobody meant. CsCheck prints the seed of
/// a failure.</summary>
public class RandomCodeTests
{
    private const int Blocks = 7;

    private static readonly Gen<Block[]> Programs = Gen
        .Select(Gen.Int[0, 3], Gen.Enum<BlockEnd>(), Gen.Int[0, Blocks - 1])
        .Select((poll, end, target) => new Block(poll == 0, end, target))
        .Array[Blocks];

    [Fact]
    public void Cycles_are_found_exactly_where_there_are_some()
    {
        int accepted = 0, onlyCalls = 0, refused = 0;
        Programs.Sample(blocks =>
        {
            GuestCodeReport report = Check(blocks);
            bool hasFlowCycle = HasCycle(blocks, followCalls: false);
            bool hasAnyCycle = HasCycle(blocks, followCalls: true);
            Assert.Equal(hasFlowCycle, report.Refusals.Any(refusal => refusal.Kind == CodeRefusalKind.CycleWithoutPoll));
            Assert.Equal(hasAnyCycle, !report.IsAccepted);
            Interlocked.Increment(ref hasFlowCycle ? ref refused : ref hasAnyCycle ? ref onlyCalls : ref accepted);
        }, iter: 2000);
        Assert.True(accepted > 100 && onlyCalls > 100 && refused > 100, $"{accepted}, {onlyCalls} and {refused} programs");
    }

    [Fact]
    public void Bytes_that_nobody_meant_are_refused_and_never_an_error() => Gen.Byte.Array[1, 200].Sample(bytes =>
    {
        foreach (GuestCodeRules rules in Enum.GetValues<GuestCodeRules>())
        {
            GuestCode code = Of(bytes, Base + 1, Base + 7) with { Entries = [Base, Base + ((ulong)bytes.Length / 2)] };
            GuestCodeReport report = GuestCodeCheck.Check(code, rules);
            Assert.All(report.Refusals, refusal => Assert.InRange(refusal.Address, Base, Base + 200));
        }
    }, iter: 2000);

    [Fact]
    public void A_guest_with_a_changed_byte_is_checked_without_an_error()
    {
        ElfImage image = GuestCatalog.Find("prodcons")!.Load();
        ElfSegment text = image.Segments.Single(segment => segment.IsExecutable);
        Gen.Select(Gen.Int[0, text.FileBytes - 1], Gen.Byte).Sample((at, value) =>
        {
            byte[] file = image.File.ToArray();
            file[text.FileOffset + at] = value;
            ElfImage changed = ElfImage.Parse(file);
            GuestCodeReport exact = GuestCheck.Check(changed, ClockKind.RetiredInstructions);
            GuestCodeReport counted = GuestCheck.Check(changed, ClockKind.SoftwareCounter);
            // What no clock can bear, the software counter cannot.
            if (!exact.IsAccepted)
                Assert.False(counted.IsAccepted);
        }, iter: 500);
    }

    private static GuestCodeReport Check(Block[] blocks) => GuestProgram.Check(code =>
    {
        Label[] labels = [.. blocks.Select(_ => code.CreateLabel())];
        var traps = new List<Action>();
        for (int index = 0; index < blocks.Length; index++)
        {
            code.Label(ref labels[index]);
            if (blocks[index].HasPoll)
                traps.Add(code.Poll());
            code.nop();
            switch (blocks[index].End)
            {
                case BlockEnd.Jump:
                    code.jmp(labels[blocks[index].Target]);
                    break;
                case BlockEnd.Branch:
                    code.test(eax, eax);
                    code.je(labels[blocks[index].Target]);
                    break;
                case BlockEnd.Call:
                    code.call(labels[blocks[index].Target]);
                    break;
                case BlockEnd.Return:
                    code.ret();
                    break;
            }
        }
        code.Exit();
        foreach (Action trap in traps)
            trap();
    });

    // Blocks that lead nowhere but to such blocks are on no cycle: take them away until none is left to take.
    private static bool HasCycle(Block[] blocks, bool followCalls)
    {
        var reachable = new HashSet<int>();
        var pending = new Stack<int>([0]);
        while (pending.TryPop(out int index))
        {
            if (index < Blocks && reachable.Add(index))
            {
                foreach (int next in Successors(blocks, index, followCalls: true))
                    pending.Push(next);
            }
        }
        HashSet<int> left = [.. reachable.Where(index => !blocks[index].HasPoll)];
        while (left.RemoveWhere(index => !Successors(blocks, index, followCalls).Any(left.Contains)) > 0)
        {
        }
        return left.Count > 0;
    }

    private static IEnumerable<int> Successors(Block[] blocks, int index, bool followCalls)
    {
        Block block = blocks[index];
        if (block.End is BlockEnd.Jump or BlockEnd.Branch || (block.End == BlockEnd.Call && followCalls))
            yield return block.Target;
        if (block.End is BlockEnd.Branch or BlockEnd.Call or BlockEnd.Next)
            yield return index + 1;
    }

    private enum BlockEnd
    {
        Next,
        Jump,
        Branch,
        Call,
        Return,
    }

    private sealed record Block(bool HasPoll, BlockEnd End, int Target);
}

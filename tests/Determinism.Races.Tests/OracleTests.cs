using Determinism.Emulation.Exploration;
using Determinism.Emulation.Races;
using Determinism.Races.Tests.Exploration;
using Xunit.Abstractions;

namespace Determinism.Races.Tests;

/// <summary>Random small programs, run in chosen orders: the words that race are those of which a search through all pairs of
/// accesses and all paths between them says so.</summary>
public class OracleTests(ITestOutputHelper output)
{
    private const int Words = 3;
    private const int OrdersEach = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_words_that_race_are_those_of_the_oracle(int seed)
    {
        var random = new Random(seed);
        int racing = 0, quiet = 0;
        for (int time = 0; time < TestTier.Times(25, 800); time++)
        {
            SmallProgram program = MakeProgram(random);
            ExplorationReport report = Explorer.Explore(program.ToGuest(), program.OutcomeOf,
                new ExplorationOptions { Reduces = false, MostRuns = OrdersEach, Replays = false });
            foreach (ExploredOutcome one in report.Outcomes)
            {
                ulong[] expected = [.. FindRacing(program, one.Schedule).Select(SmallProgram.Address).Order()];
                ulong[] found = [.. RaceFinder.Find(one.Recording).Races.Select(race => race.Address).Distinct().Order()];
                Assert.True(expected.SequenceEqual(found), $"Seed {seed}, program {time}, order {string.Join("", one.Schedule)}: "
                    + $"[{string.Join(", ", expected)}] expected, [{string.Join(", ", found)}] found in\n{program.Describe()}");
                racing += expected.Length;
                quiet += Words - expected.Length;
            }
        }
        output.WriteLine($"seed {seed}: {racing} words race, {quiet} do not");
        Assert.True(racing > 20 && quiet > 20);
    }

    private static SmallProgram MakeProgram(Random random) => new("random",
        [.. Enumerable.Range(0, random.Next(2, 4)).Select(_ => Enumerable.Range(0, random.Next(2, 6)).Select(_ =>
        {
            int word = random.Next(Words);
            // One word is mostly for synchronisation, or nearly all would race.
            SmallOpKind kind = word == 0 && random.Next(8) > 0
                ? random.Next(4) switch { 0 => SmallOpKind.Exchange, 1 => SmallOpKind.Add, 2 => SmallOpKind.Release, _ => SmallOpKind.Load }
                : (SmallOpKind)random.Next((int)SmallOpKind.Release + 1);
            return new SmallOp(kind, word, random.Next(1, 9));
        }).ToArray())]);

    /// <summary>The words of conflicting accesses, one of them a plain write, between which no path leads.</summary>
    private static SortedSet<int> FindRacing(SmallProgram program, IReadOnlyList<int> schedule)
    {
        int[] at = new int[program.Threads.Length];
        (int Thread, SmallOp Op)[] order = [.. schedule.Select(thread => (thread, program.Threads[thread][at[thread]++]))];
        bool[,] isBefore = new bool[order.Length, order.Length];
        for (int later = 0; later < order.Length; later++)
        {
            int source = order[later].Op.Reads ? LastWrite(order, later) : -1;
            for (int earlier = 0; earlier < later; earlier++)
                isBefore[earlier, later] = order[earlier].Thread == order[later].Thread
                    || (earlier == source && order[earlier].Op.Synchronises);
        }
        for (int middle = 0; middle < order.Length; middle++)
            for (int from = 0; from < order.Length; from++)
                for (int to = 0; to < order.Length; to++)
                    isBefore[from, to] |= isBefore[from, middle] && isBefore[middle, to];
        var racing = new SortedSet<int>();
        for (int later = 0; later < order.Length; later++)
        {
            for (int earlier = 0; earlier < later; earlier++)
            {
                (SmallOp first, SmallOp second) = (order[earlier].Op, order[later].Op);
                if (first.Word == second.Word && !isBefore[earlier, later] && (first.IsPlainWrite || second.IsPlainWrite))
                    racing.Add(first.Word);
            }
        }
        return racing;
    }

    private static int LastWrite((int Thread, SmallOp Op)[] order, int before) =>
        Array.FindLastIndex(order, Math.Max(before - 1, 0), Math.Max(before, 0), one => one.Op.Writes && one.Op.Word == order[before].Op.Word);
}

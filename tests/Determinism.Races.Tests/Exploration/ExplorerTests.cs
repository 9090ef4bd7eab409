using System.Numerics;
using Determinism.Emulation.Exploration;
using Determinism.Machine;
using Xunit.Abstractions;

namespace Determinism.Races.Tests.Exploration;

/// <summary>All orders of tiny programs, counted by the explorer and by the test itself.</summary>
public class ExplorerTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names { get; } = [.. SmallProgram.All.Select(program => program.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_order_is_run_once_recorded_and_replayed(string name)
    {
        SmallProgram program = Find(name);
        var expected = program.EnumerateOrders().ToList();
        ExplorationReport report = Explorer.Explore(program.ToGuest(), program.OutcomeOf, new ExplorationOptions { Reduces = false });
        Tell(name, "all", report);
        Assert.Equal((expected.Count, 0, 0, true), (report.Interleavings, report.Abandoned, report.TooLong, report.IsComplete));
        Assert.Equal(expected.Count, report.IdenticalReplays);
        if (!program.Threads.Any(thread => thread.Any(op => op.Kind == SmallOpKind.LoadIfSeen)))
            Assert.Equal(Multinomial(program.Threads.Select(thread => thread.Length)), report.Interleavings);
        // The same ends, each as often.
        Assert.Equal(
            expected.GroupBy(one => one.Outcome).Select(group => (group.Key, (long)group.Count())).Order(),
            report.Outcomes.Select(one => (one.Outcome, one.Interleavings)).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_order_of_each_class_is_run(string name)
    {
        SmallProgram program = Find(name);
        var orders = program.EnumerateOrders().ToList();
        ExplorationReport report = Explorer.Explore(program.ToGuest(), program.OutcomeOf);
        Tell(name, "one of each class", report);
        Assert.True(report.IsComplete);
        Assert.Equal(CountClasses([.. orders.Select(one => one.Order)]), report.Interleavings);
        Assert.Equal(report.Interleavings, report.IdenticalReplays);
        Assert.Equal(orders.Select(one => one.Outcome).Distinct().Order(), report.Outcomes.Select(one => one.Outcome).Order());
    }

    [Fact]
    public void Store_buffering_never_ends_with_two_old_values()
    {
        SmallProgram program = Find("SB");
        ExplorationReport report = Explorer.Explore(program.ToGuest(), program.OutcomeOf);
        Assert.Equal(3, report.Outcomes.Count);
        Assert.DoesNotContain(report.Outcomes, one => one.Outcome == "1,1,0,0 | 0,99,99,99,99 | 0,99,99,99,99");
        Assert.All(report.Outcomes, one => Assert.Equal(4, one.Schedule.Count));
    }

    /// <summary>The counts tell when what conflicts is got wrong: the tree alone, over the same programs.</summary>
    [Fact]
    public void A_wrong_idea_of_what_conflicts_is_caught()
    {
        SmallProgram program = Find("IRIW");
        int expected = CountClasses([.. program.EnumerateOrders().Select(one => one.Order)]);
        Assert.Equal(expected, Walk(program, static op => op.Writes));
        Assert.True(Walk(program, static _ => false) < expected);
        Assert.True(Walk(program, static _ => true) > expected);
    }

    [Fact]
    public void A_bound_on_runs_is_kept_and_told()
    {
        SmallProgram program = Find("SB");
        var options = new ExplorationOptions { Reduces = false, MostRuns = 4, Replays = false };
        ExplorationReport report = Explorer.Explore(program.ToGuest(), program.OutcomeOf, options);
        Assert.Equal((4, 0, false), (report.Interleavings, report.IdenticalReplays, report.IsComplete));
        report = Explorer.Explore(program.ToGuest(), program.OutcomeOf, options with { MostRuns = 6 });
        Assert.Equal((6, true), (report.Interleavings, report.IsComplete));
    }

    [Fact]
    public void A_program_that_spins_is_run_as_long_as_it_may()
    {
        MachineConfiguration guest = SmallGuest.Build(2, (guest, vcpu) =>
        {
            if (vcpu == 0)
            {
                guest.Code.mov(Iced.Intel.AssemblerRegisters.__qword_ptr[(long)SmallGuest.Data], 1);
                return;
            }
            Iced.Intel.Label again = guest.Code.CreateLabel();
            guest.Code.Label(ref again);
            guest.Code.cmp(Iced.Intel.AssemblerRegisters.__qword_ptr[(long)SmallGuest.Data], 0);
            guest.Code.je(again);
        });
        ExplorationReport report = Explorer.Explore(guest, _ => "", new ExplorationOptions { MostAccesses = 5 });
        // The store comes after none, one, two or three looks, and a look that sees it; or there are looks only.
        Assert.Equal((4, false), (report.Interleavings, report.IsComplete));
        Assert.True(report.TooLong > 0);
    }

    [Fact]
    public void A_program_that_does_nothing_for_ever_is_an_error()
    {
        MachineConfiguration guest = SmallGuest.Build(2, (guest, vcpu) =>
        {
            Iced.Intel.Label again = guest.Code.CreateLabel();
            guest.Code.Label(ref again);
            guest.Code.nop();
            guest.Code.jmp(again);
        });
        Exception? error = Record.Exception(() => Explorer.Explore(guest, _ => ""));
        Assert.Contains("next shared access", Assert.IsType<GuestErrorException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_are_refused()
    {
        MachineConfiguration guest = SmallGuest.Build(2, (guest, _) => guest.Service(GuestPort.Clock));
        Exception? error = Record.Exception(() => Explorer.Explore(guest, _ => ""));
        Assert.Contains("Clock", Assert.IsType<GuestErrorException>(error).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Explorer.Explore(guest with { Clock = ClockKind.SoftwareCounter }, _ => ""));
    }

    private void Tell(string name, string which, ExplorationReport report) => output.WriteLine(
        $"{name}, {which}: {report.Interleavings} interleavings, {report.Abandoned} abandoned, {report.Outcomes.Count} outcomes, "
        + $"{report.IdenticalReplays} replays identical");

    private static SmallProgram Find(string name) => SmallProgram.All.Single(program => program.ToString() == name);

    /// <summary>How many paths of a program's tree come to their end.</summary>
    private static int Walk(SmallProgram program, Predicate<SmallOp> writes)
    {
        var tree = new ScheduleTree(reduces: true, mostAccesses: 100);
        int paths = 0;
        do
        {
            tree.Begin();
            int[] at = new int[program.Threads.Length];
            int next = 0;
            while (next >= 0 && program.Threads.Where((thread, number) => at[number] < thread.Length).Any())
            {
                next = tree.Choose([.. program.Threads.Select((thread, number) => at[number] == thread.Length ? null : StepOf(thread[at[number]]))]);
                if (next >= 0)
                    at[next]++;
            }
            paths += next >= 0 ? 1 : 0;
        }
        while (tree.MoveNext());
        return paths;

        NextStep StepOf(SmallOp op) =>
            new([new MemoryAccess((ulong)op.Word * 8, 8, writes(op) ? AccessRight.ReadWrite : AccessRight.Read)]);
    }

    private static long Multinomial(IEnumerable<int> parts)
    {
        BigInteger result = 1;
        int total = 0;
        foreach (int part in parts)
        {
            for (int one = 1; one <= part; one++)
                result = result * ++total / one;
        }
        return (long)result;
    }

    /// <summary>Orders are of one class if swaps of neighbours that do not conflict lead from one to the other.</summary>
    private static int CountClasses(List<List<(int Thread, SmallOp Op)>> orders)
    {
        var numbers = new Dictionary<string, int>();
        for (int order = 0; order < orders.Count; order++)
            numbers.Add(KeyOf(orders[order]), order);
        int[] parents = [.. Enumerable.Range(0, orders.Count)];
        foreach (List<(int Thread, SmallOp Op)> order in orders)
        {
            for (int at = 0; at + 1 < order.Count; at++)
            {
                if (order[at].Thread == order[at + 1].Thread || order[at].Op.ConflictsWith(order[at + 1].Op))
                    continue;
                List<(int, SmallOp)> swapped = [.. order];
                (swapped[at], swapped[at + 1]) = (swapped[at + 1], swapped[at]);
                parents[Root(numbers[KeyOf(order)])] = Root(numbers[KeyOf(swapped)]);
            }
        }
        return Enumerable.Range(0, orders.Count).Count(order => parents[order] == order);

        int Root(int order) => parents[order] == order ? order : Root(parents[order]);
    }

    private static string KeyOf(List<(int Thread, SmallOp Op)> order) =>
        string.Join(';', order.Select(one => $"{one.Thread}{one.Op}"));
}

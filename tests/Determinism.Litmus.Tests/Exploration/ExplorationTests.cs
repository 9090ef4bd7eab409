using Determinism.Emulation.Exploration;
using Xunit.Abstractions;

namespace Determinism.Litmus.Tests.Exploration;

/// <summary>All orders of a litmus test's accesses, each recorded and replayed, have the outcomes that sequential consistency
/// allows: all of them, and no other.</summary>
public class ExplorationTests(ITestOutputHelper output)
{
    // Of an instruction without LOCK a recording makes one step, the model two (docs/litmus.md).
    private static readonly string[] s_atomicInRecordings = ["INC"];

    // Of straight-line tests none has so many.
    private const int MostAccesses = 16;

    public static TheoryData<string> Files(int threads) => [.. Suite.Files.Where(file => file.Test!.Threads.Count == threads)
        .Select(file => Path.GetRelativePath(Suite.Folder, file.Path))];

    [Theory]
    [MemberData(nameof(Files), 2)]
    [MemberData(nameof(Files), 3)]
    [MemberData(nameof(Files), 4)]
    public void One_order_of_each_class(string file) => AssertComplete(file);

    [Theory]
    [MemberData(nameof(Files), 2)]
    public void Two_threads_in_every_order(string file)
    {
        (LitmusTest test, ExplorationReport report) = AssertComplete(file, reduces: false);
        // Straight-line code: as many orders as there are ways to choose the places of one thread's accesses.
        if (!Spins(test))
            Assert.Equal(Choose(AccessesOf(test, 0) + AccessesOf(test, 1), AccessesOf(test, 0)), report.Interleavings);
    }

    private (LitmusTest Test, ExplorationReport Report) AssertComplete(string file, bool reduces = true)
    {
        LitmusTest test = LitmusFile.Read(Path.Combine(Suite.Folder, file)).Test!;
        var guest = new ExploredGuest(test);
        ExplorationReport report = Explorer.Explore(
            guest.Configure(), machine => guest.Read(machine).TextOf(test, guest.Variables),
            new ExplorationOptions { Reduces = reduces, MostAccesses = MostAccesses });
        output.WriteLine($"{file}: {report.Interleavings} interleavings, {report.Abandoned} abandoned, {report.TooLong} too long, "
            + $"{report.Outcomes.Count} outcomes, {report.IdenticalReplays} replays identical");
        Assert.Equal(report.Interleavings, report.IdenticalReplays);
        // A loop that waits has no longest run.
        Assert.Equal(!Spins(test), report.IsComplete);
        string[] missing = [.. s_atomicInRecordings.Contains(test.Name) ? ["x=1"] : Array.Empty<string>()];
        Assert.Equal(ExpectedOf(test, guest).Except(missing), TextsOf(report));
        return (test, report);
    }

    private static bool Spins(LitmusTest test) => test.Threads.Any(thread => thread.Labels.Count > 0);

    private static IEnumerable<string> ExpectedOf(LitmusTest test, ExploredGuest guest) =>
        OutcomeEnumerator.Enumerate(test, guest.Variables, MemoryModel.SequentialConsistency)
            .Select(outcome => outcome.TextOf(test, guest.Variables)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> TextsOf(ExplorationReport report) =>
        report.Outcomes.Select(one => one.Outcome).Order(StringComparer.Ordinal);

    private static int AccessesOf(LitmusTest test, int thread) =>
        test.Threads[thread].Instructions.Count(one => one.Address is not null && one.Operation != Operation.Lea);

    private static long Choose(int all, int some) =>
        Enumerable.Range(1, some).Aggregate(1L, (product, one) => product * (all - some + one) / one);
}

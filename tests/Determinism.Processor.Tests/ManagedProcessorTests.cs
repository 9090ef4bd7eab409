using Determinism.ProcessorTests.Comparison;
using Determinism.ProcessorTests.Kvm;
using Xunit;
using Xunit.Abstractions;

namespace Determinism.ProcessorTests;

/// <summary>The managed processor does what the real one does, however it is stopped and whatever rights it lacks.</summary>
/// <remarks>
/// DETERMINISM_TEST_TIER=full tries more than a million instructions. DETERMINISM_SEED chooses another seed.
/// </remarks>
public sealed class ManagedProcessorTests(ITestOutputHelper output)
{
    private static readonly bool _full = Environment.GetEnvironmentVariable("DETERMINISM_TEST_TIER") == "full";
    private static readonly ulong _seed = ulong.TryParse(Environment.GetEnvironmentVariable("DETERMINISM_SEED"), out var s) ? s : 20_261_123;

    [SkippableFact]
    public void Single_instructions_give_the_processors_results() =>
        Compare(ManagedMode.AtOnce, 12, singles: _full ? 1_000_000 : 10_000, sequences: 0);

    [SkippableFact]
    public void Sequences_of_instructions_give_the_processors_results() =>
        Compare(ManagedMode.AtOnce, 12, singles: 0, sequences: _full ? 150_000 : 500);

    [SkippableFact]
    public void Code_that_has_run_before_gives_the_processors_results() =>
        Compare(ManagedMode.Twice, 12, singles: _full ? 50_000 : 1_000, sequences: _full ? 100_000 : 300);

    [SkippableFact]
    public void Stopping_after_every_few_instructions_changes_nothing() =>
        Compare(ManagedMode.InSteps, 12, singles: _full ? 20_000 : 1_000, sequences: _full ? 50_000 : 200);

    [SkippableTheory]
    [InlineData(6)]
    [InlineData(12)]
    public void Faults_on_every_page_change_nothing(int pageShift) =>
        Compare(ManagedMode.ByFaults, pageShift, singles: _full ? 20_000 : 1_000, sequences: _full ? 20_000 : 100);

    private void Compare(ManagedMode mode, int pageShift, int singles, int sequences)
    {
        using var real = RealProcessor.TryOpen(out var reason);
        Skip.If(real == null, reason);
        using var managed = new ManagedProcessor(mode, pageShift, _seed);
        var differential = new Differential(real!, managed);
        var run = new ComparisonRun(differential, real!, output.WriteLine, _seed);
        if (singles > 0)
            run.Singles(singles);
        if (sequences > 0)
            run.Sequences(sequences);
        if (mode == ManagedMode.ByFaults)
        {
            output.WriteLine($"{managed.Faults} faults");
            Assert.True(managed.Faults > singles, $"only {managed.Faults} faults");
        }
        Assert.Equal(0, differential.BothFaulted);
    }
}

using Determinism.ProcessorTests.Comparison;
using Determinism.ProcessorTests.Generation;
using Determinism.ProcessorTests.Kvm;
using Iced.Intel;
using Xunit;
using Xunit.Abstractions;

namespace Determinism.ProcessorTests;

/// <summary>The yardstick itself: the real processor agrees with itself on everything that is compared.</summary>
public sealed class RealProcessorTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Two_machines_of_the_real_processor_give_the_same_results()
    {
        using var first = RealProcessor.TryOpen(out var reason);
        Skip.If(first == null, reason);
        using var second = RealProcessor.TryOpen(out reason);
        var differential = new Differential(first!, second!);
        var run = new Comparison.ComparisonRun(differential, first!, output.WriteLine, seed: 1);
        run.Singles(5_000);
        run.Sequences(1_000);
        Assert.Equal(0, differential.BothFaulted);
    }
}

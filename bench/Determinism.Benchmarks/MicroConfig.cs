using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using Perfolizer.Horology;

namespace Determinism.Benchmarks;

/// <summary>Short iterations and many: on a computer that others use too, the median and the minimum are what counts. The
/// warm-up is long because the runtime compiles for the last time only after some hundred milliseconds.</summary>
public sealed class MicroConfig : ManualConfig
{
    public MicroConfig()
    {
        AddJob(Job.Default.WithId("Micro").WithLaunchCount(1).WithWarmupCount(40).WithIterationCount(11)
            .WithIterationTime(TimeInterval.FromMilliseconds(30)));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Metrics);
        AddColumn(StatisticColumn.Min, StatisticColumn.Median, StatisticColumn.P90);
        AddExporter(MarkdownExporter.GitHub);
        AddLogger(ConsoleLogger.Default);
        Options |= ConfigOptions.JoinSummary | ConfigOptions.DisableOptimizationsValidator;
    }
}

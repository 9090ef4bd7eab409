using BenchmarkDotNet.Running;
using Determinism.Benchmarks;
using Determinism.Benchmarks.Contention;
using Determinism.Benchmarks.Growth;

switch (args is [var mode, ..] ? mode : "")
{
    case "contention":
        ContentionReport.Run();
        break;
    case "growth":
        GrowthReport.Run(isLong: args.Contains("--billion"));
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(MicroConfig).Assembly).Run(args, new MicroConfig());
        break;
}

using BenchmarkDotNet.Attributes;
using Determinism.Benchmarks.StandIns;
using Determinism.Ownership;

namespace Determinism.Benchmarks.Ownership;

/// <summary>Sources of a grant into constraints worth writing, by vector clocks; the sources' new events included.</summary>
public class ConstraintBenchmarks
{
    // One after the other: what a single call of the benchmark itself costs would show.
    private const int Times = 100;

    private readonly OrderingConstraint[] _constraints = new OrderingConstraint[254];
    private CausalOrder _order = null!;
    private DictionaryClocks _clocks = null!;
    private int[] _everybodyElse = [];

    [Params(2, 8, 64, 254)]
    public int Agents { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _order = new CausalOrder(Agents);
        _clocks = new DictionaryClocks(Agents);
        _everybodyElse = [.. Enumerable.Range(1, Agents - 1)];
        for (int agent = 0; agent < Agents; agent++)
        {
            _order.Complete(agent);
            _clocks.Complete(agent);
        }
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void OneSource()
    {
        for (int time = 0; time < Times; time++)
        {
            _order.Complete(1);
            _order.Constrain(0, [1], _constraints);
        }
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void OneSourceImplied()
    {
        for (int time = 0; time < Times; time++)
            _order.Constrain(0, [1], _constraints);
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void AllOthers()
    {
        for (int time = 0; time < Times; time++)
        {
            foreach (int source in _everybodyElse)
                _order.Complete(source);
            _order.Constrain(0, _everybodyElse, _constraints);
        }
    }

    /// <summary>All others have come after the agent before it comes after them: none of their clocks is the one it knows.</summary>
    [Benchmark(OperationsPerInvoke = Times)]
    public void AllOthersToAndFro()
    {
        for (int time = 0; time < Times; time++)
        {
            _order.Complete(0);
            foreach (int source in _everybodyElse)
            {
                _order.Constrain(source, [0], _constraints);
                _order.Complete(source);
            }
            _order.Constrain(0, _everybodyElse, _constraints);
        }
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void OneSourceDictionary()
    {
        for (int time = 0; time < Times; time++)
        {
            _clocks.Complete(1);
            _clocks.Constrain(0, [1], _constraints);
        }
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void AllOthersDictionary()
    {
        for (int time = 0; time < Times; time++)
        {
            foreach (int source in _everybodyElse)
                _clocks.Complete(source);
            _clocks.Constrain(0, _everybodyElse, _constraints);
        }
    }

    [Benchmark(OperationsPerInvoke = Times)]
    public void AllOthersToAndFroDictionary()
    {
        for (int time = 0; time < Times; time++)
        {
            _clocks.Complete(0);
            foreach (int source in _everybodyElse)
            {
                _clocks.Constrain(source, [0], _constraints);
                _clocks.Complete(source);
            }
            _clocks.Constrain(0, _everybodyElse, _constraints);
        }
    }
}

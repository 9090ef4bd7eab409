using Determinism.Emulation;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Scheduling;

namespace Determinism.Conformance.Tests;

/// <summary>The racy guest on the managed machine.</summary>
public sealed class ManagedRuns : RecordReplaySpecification
{
    private readonly List<MachineState> _states = [];

    protected override IRecordedRun Record(int number)
    {
        var log = new MemoryEventLog(3);
        MachineState state = MachineRunner.Record(
            MachineRunner.Configure("racy", vcpus: 2, ClockKind.RetiredInstructions), new ChaosScheduler((ulong)number, 2), log,
            backend: new ManagedBackend());
        return new Run(this, Describe(state), log);
    }

    // Equal states have equal names, and others have others.
    private string Describe(MachineState state)
    {
        int index = _states.FindIndex(known => known.FindDifference(state) is null);
        if (index < 0)
        {
            index = _states.Count;
            _states.Add(state);
        }
        return $"state {index}";
    }

    private sealed class Run(ManagedRuns owner, string outcome, MemoryEventLog log) : IRecordedRun
    {
        public string Outcome => outcome;

        public string Replay(bool withholdConstraints) => owner.Describe(MachineRunner.Replay(log, withholdConstraints));
    }
}

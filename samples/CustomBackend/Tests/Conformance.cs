using CustomBackend.Machine;
using Determinism.Conformance;

namespace CustomBackend.Tests;

public sealed class BytecodeSerial : SerialBackendSpecification
{
    protected override ConformanceLevel Level => ConformanceLevel.Asynchronous;

    protected override ulong DataAddress => BytecodeMachineUnderTest.Data;

    protected override int PageShift => PagedMemory.PageShift;

    protected override IMachineUnderTest Create(ConformanceProgram program) => new BytecodeMachineUnderTest(program);
}

public sealed class BytecodeParallel : ParallelBackendSpecification
{
    protected override ulong DataAddress => BytecodeMachineUnderTest.Data;

    protected override int PageShift => PagedMemory.PageShift;

    protected override IMachineUnderTest Create(ConformanceProgram program) => new BytecodeMachineUnderTest(program);
}

public sealed class BytecodeAsynchronous : AsynchronousBackendSpecification
{
    protected override ulong DataAddress => BytecodeMachineUnderTest.Data;

    protected override int PageShift => PagedMemory.PageShift;

    protected override IMachineUnderTest Create(ConformanceProgram program) => new BytecodeMachineUnderTest(program);
}

public sealed class BytecodeForced : ForcedExitSpecification
{
    protected override ulong DataAddress => BytecodeMachineUnderTest.Data;

    protected override int PageShift => PagedMemory.PageShift;

    protected override IMachineUnderTest Create(ConformanceProgram program) => new BytecodeMachineUnderTest(program);
}

public sealed class BytecodeRecordings : RecordReplaySpecification
{
    protected override IRecordedRun Record(int number) => new Run(Recording.Make(GuestProgram.Race(20_000), cpus: 2));

    private sealed class Run(Recording recording) : IRecordedRun
    {
        public string Outcome => recording.Vm.Outcome;

        public string Replay(bool withholdConstraints) => recording.Replay(withholdConstraints).Outcome;
    }
}

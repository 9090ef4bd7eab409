namespace Determinism.Conformance.Tests;

public sealed class ScriptedSerialWithoutClock : SerialBackendSpecification
{
    protected override ConformanceLevel Level => ConformanceLevel.Serial;

    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) => new ScriptedMachine(program, ClockKind.None);
}

public sealed class ScriptedSerialWithPolls : SerialBackendSpecification
{
    protected override ConformanceLevel Level => ConformanceLevel.Parallel;

    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new ScriptedMachine(program, ClockKind.SoftwareCounter);
}

public sealed class ScriptedSerialWithInstructions : SerialBackendSpecification
{
    protected override ConformanceLevel Level => ConformanceLevel.Asynchronous;

    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new ScriptedMachine(program, ClockKind.RetiredInstructions);
}

public sealed class ScriptedParallelWithPolls : ParallelBackendSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new ScriptedMachine(program, ClockKind.SoftwareCounter);
}

/// <summary>Frames of 64 bytes: the smallest that there are.</summary>
public sealed class ScriptedParallelWithSmallFrames : ParallelBackendSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override int PageShift => 6;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new ScriptedMachine(program, ClockKind.RetiredInstructions, pageShift: 6);
}

public sealed class ScriptedAsynchronous : AsynchronousBackendSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new ScriptedMachine(program, ClockKind.RetiredInstructions);
}

public sealed class ScriptedForced : ForcedExitSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new ScriptedMachine(program, ClockKind.SoftwareCounter);
}

/// <summary>vCPUs that leave for no reason of the guest's, and calls that take their time.</summary>
public sealed class FlakyParallel : ParallelBackendSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override int StressRounds => 60;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new FlakyMachine(new ScriptedMachine(program, ClockKind.RetiredInstructions), new FlakyOptions { DelayOneIn = 20 });
}

/// <summary>vCPUs that leave so as often as they can: every second exit is the host's, and uses up what was asked.</summary>
public sealed class FlakyParallelWithPolls : ParallelBackendSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override int StressRounds => 30;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new FlakyMachine(new ScriptedMachine(program, ClockKind.SoftwareCounter), new FlakyOptions { DelayOneIn = 1 });
}

public sealed class FlakyAsynchronous : AsynchronousBackendSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new FlakyMachine(new ScriptedMachine(program, ClockKind.RetiredInstructions), new FlakyOptions { DelayOneIn = 2 });
}

public sealed class FlakySerial : SerialBackendSpecification
{
    protected override ConformanceLevel Level => ConformanceLevel.Asynchronous;

    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new FlakyMachine(new ScriptedMachine(program, ClockKind.RetiredInstructions), new FlakyOptions { DelayOneIn = 2 });
}

public sealed class FlakyForced : ForcedExitSpecification
{
    protected override ulong DataAddress => 0x4000;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new FlakyMachine(new ScriptedMachine(program, ClockKind.SoftwareCounter), new FlakyOptions { DelayOneIn = 2 });
}

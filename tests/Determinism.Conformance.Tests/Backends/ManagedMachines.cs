using Determinism.Emulation;

namespace Determinism.Conformance.Tests;

public sealed class ManagedSerial : SerialBackendSpecification
{
    protected override ConformanceLevel Level => ConformanceLevel.Asynchronous;

    protected override ulong DataAddress => X86Machine.Data;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new X86Machine(program, new ManagedBackend(), ClockKind.RetiredInstructions);
}

public sealed class ManagedParallel : ParallelBackendSpecification
{
    protected override ulong DataAddress => X86Machine.Data;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new X86Machine(program, new ManagedBackend(), ClockKind.RetiredInstructions);
}

public sealed class ManagedAsynchronous : AsynchronousBackendSpecification
{
    protected override ulong DataAddress => X86Machine.Data;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new X86Machine(program, new ManagedBackend(), ClockKind.RetiredInstructions);
}

public sealed class ManagedForced : ForcedExitSpecification
{
    protected override ulong DataAddress => X86Machine.Data;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new X86Machine(program, new ManagedBackend(), ClockKind.RetiredInstructions);
}

public sealed class ManagedSerialWithPolls : SerialBackendSpecification
{
    protected override ConformanceLevel Level => ConformanceLevel.Parallel;

    protected override ulong DataAddress => X86Machine.Data;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new X86Machine(program, new ManagedBackend(), ClockKind.SoftwareCounter);
}

public sealed class ManagedParallelWithPolls : ParallelBackendSpecification
{
    protected override ulong DataAddress => X86Machine.Data;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new X86Machine(program, new ManagedBackend(), ClockKind.SoftwareCounter);
}

public sealed class ManagedForcedWithPolls : ForcedExitSpecification
{
    protected override ulong DataAddress => X86Machine.Data;

    protected override IMachineUnderTest Create(ConformanceProgram program) =>
        new X86Machine(program, new ManagedBackend(), ClockKind.SoftwareCounter);
}

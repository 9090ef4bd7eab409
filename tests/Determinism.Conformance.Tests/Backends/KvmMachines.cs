using Determinism.Kvm;

namespace Determinism.Conformance.Tests;

/// <summary>The KVM backend, fact by fact: a fact of the kit does not skip where there is no KVM, but this does.</summary>
public sealed class KvmMachines
{
    private static readonly KvmBackend s_backend = new(new KvmOptions());

    public static TheoryData<string> SerialFacts => Facts<Serial>();

    public static TheoryData<string> ParallelFacts => Facts<Parallel>();

    public static TheoryData<string> ForcedFacts => Facts<Forced>();

    [SkippableTheory]
    [MemberData(nameof(SerialFacts))]
    public void It_passes_the_serial_specification(string fact) => Run(() => new Serial(), fact);

    [SkippableTheory]
    [MemberData(nameof(ParallelFacts))]
    public void It_passes_the_parallel_specification(string fact) => Run(() => new Parallel(), fact);

    [SkippableTheory]
    [MemberData(nameof(ForcedFacts))]
    public void It_passes_the_specification_of_forced_exits(string fact) => Run(() => new Forced(), fact);

    private static TheoryData<string> Facts<T>()
    {
        var data = new TheoryData<string>();
        foreach (string fact in Kit.FactsOf(typeof(T)))
            data.Add(fact);
        return data;
    }

    private static void Run(Func<object> make, string fact)
    {
        string? obstacle = s_backend.FindObstacle();
        Skip.If(obstacle is not null, obstacle);
        Kit.Run(make, fact);
    }

    private static X86Machine Make(ConformanceProgram program) => new(program, s_backend, ClockKind.SoftwareCounter);

    private sealed class Serial : SerialBackendSpecification
    {
        protected override ConformanceLevel Level => ConformanceLevel.Parallel;

        protected override ulong DataAddress => X86Machine.Data;

        protected override IMachineUnderTest Create(ConformanceProgram program) => Make(program);
    }

    private sealed class Parallel : ParallelBackendSpecification
    {
        protected override ulong DataAddress => X86Machine.Data;

        protected override IMachineUnderTest Create(ConformanceProgram program) => Make(program);
    }

    private sealed class Forced : ForcedExitSpecification
    {
        protected override ulong DataAddress => X86Machine.Data;

        protected override IMachineUnderTest Create(ConformanceProgram program) => Make(program);
    }
}

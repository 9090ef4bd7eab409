namespace Determinism.X86;

/// <summary>Instructions that are replaced.</summary>
public enum CodePatchKind
{
    /// <summary>RDTSC, <c>0F 31</c>.</summary>
    TimeStamp,

    /// <summary>CPUID, <c>0F A2</c>.</summary>
    ProcessorIdentity,
}

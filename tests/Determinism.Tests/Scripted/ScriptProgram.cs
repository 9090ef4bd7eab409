namespace Determinism.Tests.Scripted;

/// <summary>What a machine of synthetic vCPUs does: a list of instructions each, gone through several times.</summary>
internal sealed record ScriptProgram
{
    public required ScriptOp[][] Vcpus { get; init; }

    public required MachineShape Shape { get; init; }

    public int Rounds { get; init; } = 1;

    /// <summary>Where a vCPU's interrupt handler writes; perhaps in a frame that others use.</summary>
    public required ulong[] Stacks { get; init; }

    public IReadOnlyList<FrameRange> SharedFrames { get; init; } = [];

    public const int Console = 0;

    public const int Device = 1;

    public static int Inbox(int vcpu) => 2 + vcpu;

    public static MachineShape ShapeOf(int vcpus, ulong memoryBytes, int pageShift) => new()
    {
        VcpuCount = vcpus,
        DeviceAgentCount = 1,
        MemoryBytes = memoryBytes,
        PageShift = pageShift,
        PseudoFrameCount = 2 + vcpus,
    };

    public int DeviceAgent => Vcpus.Length;

    public override string ToString() =>
        $"{Shape.VcpuCount} vCPUs, {Rounds} rounds, page 2^{Shape.PageShift}, memory 0x{Shape.MemoryBytes:X}: "
        + string.Join("; ", Vcpus.Select((ops, vcpu) => $"{vcpu}: {string.Join(", ", ops.AsEnumerable())}"));
}

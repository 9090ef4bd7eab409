using CustomBackend.Machine;
using Determinism;

namespace CustomBackend;

/// <summary>The backend contract over the bytecode machine: the whole of what the SDK asks of it.</summary>
public sealed class BytecodeBackend(PagedMemory memory, BytecodeCpu[] cpus) : IVmBackend, IForcedExit
{
    public BackendCapabilities Capabilities { get; } = new()
    {
        Identity = "bytecode machine 1",
        ProcessorIdentity = "bytecode",
        Clock = ClockKind.RetiredInstructions,
        CanProtectFrames = true,
        CanStopVcpu = true,
        MaximumVcpus = 16,
    };

    public int StateBytes => BytecodeCpu.StateBytes;

    public void SetRight(int vcpu, ulong frame, AccessRight right) => memory.Protect(vcpu, (int)frame, (PageRight)right);

    public void SetAllRights(AccessRight right) => memory.ProtectAll((PageRight)right);

    public void RequestExit(int vcpu) => cpus[vcpu].RequestStop();

    public void ForceExit(int vcpu) => cpus[vcpu].ThrowOut();

    public ExecutionPoint ReadPoint(int vcpu) => new(cpus[vcpu].Count, cpus[vcpu].Place, 0, 0);

    public int CaptureState(int vcpu, Span<byte> destination) => cpus[vcpu].CopyState(destination);

    public void ReadMemory(ulong address, Span<byte> destination) =>
        memory.All.Slice((int)address, destination.Length).CopyTo(destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => source.CopyTo(memory.All[(int)address..]);

    /// <summary>What the session must know of an instruction that was forbidden.</summary>
    public int CollectAccesses(int vcpu, Span<MemoryAccess> accesses)
    {
        int count = 0;
        foreach (MemoryTouch touch in cpus[vcpu].Touches)
            accesses[count++] = new MemoryAccess(touch.Address, touch.Size, (AccessRight)touch.Needs);
        return count;
    }

    /// <summary>What an exit means for naming the point.</summary>
    public static ExitKind KindOf(CpuExit exit) => exit.Reason switch
    {
        CpuExitReason.Stopped => ExitKind.Stopped,
        CpuExitReason.Forbidden => ExitKind.Fault,
        CpuExitReason.Service => ExitKind.Synchronous,
        _ => ExitKind.Host,
    };
}

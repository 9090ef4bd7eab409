namespace Determinism;

/// <summary>A run of neighbouring frames.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
public readonly record struct FrameRange(ulong First, ulong Count)
{
    /// <summary>Gives every vCPU the Read right that the promise comes down to.</summary>
    internal static void Share(IVmBackend backend, MachineShape shape, IReadOnlyList<FrameRange> ranges)
    {
        foreach (FrameRange range in ranges)
        {
            for (ulong frame = range.First; frame < range.First + range.Count; frame++)
            {
                for (int vcpu = 0; vcpu < shape.VcpuCount; vcpu++)
                    backend.SetRight(vcpu, frame, AccessRight.Read);
            }
        }
    }
}

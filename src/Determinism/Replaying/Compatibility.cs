using Determinism.Log;

namespace Determinism.Replaying;

/// <summary>Refuses a log that this machine cannot replay, with the reason, before anything runs.</summary>
internal static class Compatibility
{
    public static void ThrowIfRefused(LogHeader header, BackendCapabilities here, ReplayOptions options,
        IEnumerable<string> redactions)
    {
        var obstacles = new List<string>();
        foreach (string redaction in redactions)
            obstacles.Add($"What a replay needs was taken out of it: {redaction}.");
        obstacles.AddRange(Find(header, here, options.Shape ?? header.Shape, options.Guest, options.InitialState));
        if (obstacles.Count > 0)
            throw new ReplayRefusedException("The log cannot be replayed here. " + string.Join(" ", obstacles));
    }

    /// <summary>Why a machine cannot go on from a state of a log.</summary>
    public static List<string> Find(LogHeader header, BackendCapabilities here, MachineShape shape, string guest, ulong initialState)
    {
        var obstacles = new List<string>();
        if (header.Clock != here.Clock)
            obstacles.Add($"It was recorded with the clock {header.Clock}; this backend has {here.Clock}.");
        if (header.Clock != ClockKind.SoftwareCounter && header.Backend != here.Identity)
            obstacles.Add($"It was recorded by {header.Backend}; only logs of the software counter cross backends, and "
                + $"this is {here.Identity}.");
        if (header.Clock != ClockKind.SoftwareCounter && header.Processor != here.ProcessorIdentity)
            obstacles.Add($"It was recorded on the processor {header.Processor}; this is {here.ProcessorIdentity}.");
        if (header.Shape.VcpuCount > here.MaximumVcpus)
            obstacles.Add($"It has {header.Shape.VcpuCount} vCPUs; this backend runs {here.MaximumVcpus}.");
        if (shape != header.Shape)
            obstacles.Add($"It was recorded with {Describe(header.Shape)}; this machine has {Describe(shape)}.");
        if (header.Guest != guest)
            obstacles.Add($"It is of the guest {header.Guest}; this is {guest}.");
        if (header.InitialState != initialState)
            obstacles.Add("It started from another initial state.");
        return obstacles;
    }

    private static string Describe(MachineShape shape) =>
        $"{shape.VcpuCount} vCPUs, {shape.DeviceAgentCount} devices, {shape.PseudoFrameCount} pseudo-frames and "
        + $"{shape.MemoryBytes} bytes of memory in frames of {1UL << shape.PageShift}";
}

using Determinism.Replaying;

namespace Determinism.Recording;

/// <summary>Refuses, before anything runs, a recording that could not be replayed. Every system that failed only at replay
/// time has users complaining of it.</summary>
internal static class Preflight
{
    public static void ThrowIfRefused(IVmBackend backend, MachineShape shape, RecordingOptions options)
    {
        List<string> obstacles = FindObstacles(backend.Capabilities, shape, options);
        if (backend is IPreflightCheck check)
            obstacles.AddRange(check.FindObstacles());
        if (obstacles.Count > 0)
            throw new RecordingRefusedException("This could not be replayed. " + string.Join(" ", obstacles));
    }

    private static List<string> FindObstacles(BackendCapabilities capabilities, MachineShape shape, RecordingOptions options)
    {
        var obstacles = new List<string>();
        if (shape.VcpuCount > capabilities.MaximumVcpus)
            obstacles.Add($"The backend runs at most {capabilities.MaximumVcpus} vCPUs.");
        if (options.Scheduler.Scope == OwnershipScope.Frames)
        {
            if (capabilities.Clock == ClockKind.None)
                obstacles.Add("Without a clock only serialised recording is possible.");
            if (!capabilities.CanProtectFrames)
                obstacles.Add("The backend cannot take a frame from one vCPU alone: parallel recording is impossible.");
            if (!capabilities.CanStopVcpu)
                obstacles.Add("The backend cannot stop a running vCPU at a point that its clock names: parallel recording "
                    + "is impossible.");
        }
        if (options.Checkpoints is not null && (capabilities.Clock == ClockKind.None || !capabilities.CanStopVcpu))
            obstacles.Add("The backend cannot stop a running vCPU at a point that its clock names: no checkpoint can be made.");
        if (capabilities.Clock == ClockKind.SoftwareCounter && !capabilities.CanProtectFrames)
            obstacles.Add("The software counter is replayed by protection, which the backend does not have.");
        if (options.From?.Origin is { } origin)
            obstacles.AddRange(Compatibility.Find(origin.Header, capabilities, shape, options.Guest, options.InitialState)
                .Select(static obstacle => "The state that it begins at is of another log. " + obstacle));
        return obstacles;
    }
}

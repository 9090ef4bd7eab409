namespace Determinism.Tests.Scripted;

/// <summary>What a host does to vCPUs that it runs: exits for no reason of the guest's, lost protections, bad moments.</summary>
internal sealed record Hazards
{
    public static Hazards None { get; } = new();

    public ulong Seed { get; init; }

    /// <summary>One instruction in so many is preceded by an exit that the host causes; 0 for none.</summary>
    public int HostExitOneIn { get; init; }

    /// <summary>One access in so many finds its protection lost; 0 for none.</summary>
    public int LostProtectionOneIn { get; init; }

    /// <summary>One access in so many gives the processor away between its check and itself; 0 for none.</summary>
    public int YieldOneIn { get; init; }

    /// <summary>Whether a fault tells only the accesses up to the first that was refused.</summary>
    public bool TellsFirstOnly { get; init; }

    public static Hazards All(ulong seed) => new()
    {
        Seed = seed, HostExitOneIn = 11, LostProtectionOneIn = 13, YieldOneIn = 7, TellsFirstOnly = (seed & 1) != 0,
    };
}

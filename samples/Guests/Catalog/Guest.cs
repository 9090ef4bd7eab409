using Determinism.Machine;

namespace Determinism.Guests;

/// <summary>A guest of this project.</summary>
/// <param name="Name">Its name: that of its source and of its binary.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Shows">What it shows, in a few words.</param>
/// <param name="IsDeterministic">Whether it prints the same whatever the order of things; a run that is not recorded
/// shows it.</param>
public sealed record Guest(string Name, GuestKind Kind, string Shows, bool IsDeterministic = true)
{
    /// <summary>The guest's program.</summary>
    public ElfImage Load()
    {
        using Stream resource = typeof(Guest).Assembly.GetManifestResourceStream(Name + ".elf")
            ?? throw new GuestLoadException($"The guest {Name} is not among the binaries.");
        var file = new byte[resource.Length];
        resource.ReadExactly(file);
        return ElfImage.Parse(file);
    }

    /// <summary>A machine for it.</summary>
    /// <param name="vcpus">Number of vCPUs.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="parameters">The guest's parameters; 0 or none for its defaults.</param>
    public MachineConfiguration Configure(int vcpus, ClockKind clock = ClockKind.RetiredInstructions,
        params IReadOnlyList<ulong> parameters) => new()
    {
        GuestName = Name, Image = Load(), VcpuCount = vcpus, Clock = clock, Parameters = parameters,
    };
}

/// <summary>What guests are for.</summary>
public enum GuestKind
{
    /// <summary>A kernel after SPLASH-2.</summary>
    Kernel,

    /// <summary>One pattern of sharing, pure.</summary>
    Pattern,

    /// <summary>Its outcome depends on the order of things.</summary>
    Nondeterministic,

    /// <summary>A small test.</summary>
    Test,
}

namespace Determinism.Machine;

/// <summary>The world outside of the machine: all that a recording takes in. None of its values reaches a
/// replay, though timers are set there too.</summary>
public sealed record MachineSurroundings
{
    /// <summary>The guest's clock and timers.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Random numbers for the guest.</summary>
    public required Func<ulong> Entropy { get; init; }

    /// <summary>How long a run may take before it ends with <see cref="StuckGuestException"/>, in this world's
    /// <see cref="Time"/>; more than zero. Default: for ever.</summary>
    public TimeSpan TimeLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>What is typed at the console; returns 0 when there is nothing now. Default: nobody types.</summary>
    public InputSource ConsoleInput { get; init; } = static _ => 0;
}

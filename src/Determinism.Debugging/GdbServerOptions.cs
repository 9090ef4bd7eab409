namespace Determinism.Debugging;

/// <summary>How a <see cref="GdbServer"/> speaks.</summary>
public sealed record GdbServerOptions
{
    /// <summary>The most bytes of a packet, in either direction: 1024 to 1 048 576. Longer ones are answered with an error.
    /// Default: 16 384.</summary>
    public int PacketBytes { get; init; } = 16 * 1024;
}

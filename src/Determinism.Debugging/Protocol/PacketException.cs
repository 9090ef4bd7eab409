namespace Determinism.Debugging.Protocol;

/// <summary>A packet is answered with an error.</summary>
internal sealed class PacketException(PacketError error) : Exception
{
    public PacketError Error { get; } = error;
}

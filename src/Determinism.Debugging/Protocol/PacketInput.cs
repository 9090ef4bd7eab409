namespace Determinism.Debugging.Protocol;

/// <summary>What a byte has completed.</summary>
internal enum PacketInput
{
    Nothing,

    /// <summary>A packet; its checksum is right.</summary>
    Packet,

    /// <summary>A packet with a wrong checksum.</summary>
    Damaged,

    /// <summary>A packet that is longer than agreed.</summary>
    TooLong,

    /// <summary>The other side has got the last packet.</summary>
    Acknowledged,

    /// <summary>The other side wants the last packet again.</summary>
    Refused,

    /// <summary>The other side wants the target to stop.</summary>
    Interrupt,
}

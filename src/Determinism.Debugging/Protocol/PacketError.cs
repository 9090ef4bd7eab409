namespace Determinism.Debugging.Protocol;

/// <summary>Numbers of error replies; docs/debugging.md.</summary>
internal enum PacketError : byte
{
    /// <summary>The packet is not what its kind demands, was damaged on the way, or is too long.</summary>
    Malformed = 0x01,

    /// <summary>There is no such thread.</summary>
    NoThread = 0x02,

    /// <summary>The target refuses.</summary>
    Refused = 0x03,

    /// <summary>There is no such register.</summary>
    NoRegister = 0x04,

    /// <summary>There are too many points.</summary>
    TooMany = 0x05,

    /// <summary>Memory that is not there.</summary>
    BadAddress = 0x0E,
}

namespace Determinism;

/// <summary>What an agent may do with a frame.</summary>
/// <remarks>Ordered: a greater value includes the lesser ones.</remarks>
public enum AccessRight : byte
{
    /// <summary>No access.</summary>
    None = 0,

    /// <summary>Loads and instruction fetches.</summary>
    Read = 1,

    /// <summary>Loads, fetches and stores; no other agent has any right meanwhile (law L1).</summary>
    ReadWrite = 2,
}

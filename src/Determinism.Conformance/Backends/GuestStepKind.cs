namespace Determinism.Conformance;

/// <summary>What a step of a <see cref="ConformanceProgram"/> does. Words are of 8 bytes, little-endian; addresses are
/// guest-physical and may be unaligned only where <see cref="BackendSpecification.CanStraddle"/> says so.</summary>
public enum GuestStepKind : byte
{
    /// <summary>Writes a value to a word, in one instruction that writes.</summary>
    Store = 0,

    /// <summary>Reads a word, then writes it to another.</summary>
    Copy = 1,

    /// <summary>Adds a value to a word, in one atomic instruction that reads and writes.</summary>
    Add = 2,

    /// <summary>Goes through a loop that touches no memory and has a place in each round where the clock can name a
    /// stop.</summary>
    Work = 3,

    /// <summary>Leaves the guest by itself, with a code.</summary>
    Exit = 4,

    /// <summary>Leaves the guest by itself, with a code; when it goes on, writes what it was answered to a word.</summary>
    Input = 5,
}

namespace CustomBackend.Machine;

/// <summary>What a guest can ask its monitor for.</summary>
public enum Service : uint
{
    /// <summary>Run no more.</summary>
    Halt,

    /// <summary>The time, in register 1.</summary>
    Clock,

    /// <summary>Print register 1.</summary>
    Print,
}

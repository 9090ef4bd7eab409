namespace Determinism.Debugging;

/// <summary>A target's registers, as text for gdb and as a table. Immutable.</summary>
public sealed partial class TargetDescription
{
    /// <summary>Creates it.</summary>
    /// <param name="xml">gdb's target description; ASCII.</param>
    /// <param name="registers">The registers in the order of their numbers.</param>
    /// <param name="programCounter">Number of the register that holds the address of the next instruction: eight bytes, the least
    /// first.</param>
    /// <exception cref="ArgumentException">The program counter is none, or a size is out of range.</exception>
    public TargetDescription(string xml, IReadOnlyList<RegisterDescription> registers, int programCounter)
    {
        ArgumentException.ThrowIfNullOrEmpty(xml);
        ArgumentNullException.ThrowIfNull(registers);
        ArgumentOutOfRangeException.ThrowIfNegative(programCounter);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(programCounter, registers.Count);
        if (registers.Any(register => register.Bytes is < 1 or > LargestRegister))
            throw new ArgumentException($"Registers have 1 to {LargestRegister} bytes.", nameof(registers));
        if (registers[programCounter].Bytes != sizeof(ulong))
            throw new ArgumentException("The program counter has eight bytes.", nameof(programCounter));
        Xml = xml;
        Registers = [.. registers];
        ProgramCounter = programCounter;
    }

    /// <summary>gdb's target description.</summary>
    public string Xml { get; }

    /// <summary>The registers, by number.</summary>
    public IReadOnlyList<RegisterDescription> Registers { get; }

    /// <summary>Number of the register that holds the address of the next instruction.</summary>
    public int ProgramCounter { get; }

    internal const int LargestRegister = 64;
}

namespace Determinism.Machine;

/// <summary>A backend cannot run the machine that was asked for, or that a log is of; the message says what it lacks.</summary>
public class MachineRefusedException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public MachineRefusedException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">Why.</param>
    public MachineRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="innerException">The cause.</param>
    public MachineRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

namespace Determinism.Machine;

/// <summary>A program cannot be loaded into this machine; the message says why.</summary>
public class GuestLoadException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public GuestLoadException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">Why.</param>
    public GuestLoadException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="innerException">The cause.</param>
    public GuestLoadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

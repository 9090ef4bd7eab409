namespace Determinism.Machine;

/// <summary>A run did not end within <see cref="MachineSurroundings.TimeLimit"/>. The message says where each vCPU is, and
/// who waits for whom.</summary>
public class StuckGuestException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public StuckGuestException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">The diagnosis.</param>
    public StuckGuestException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">The diagnosis.</param>
    /// <param name="innerException">The cause.</param>
    public StuckGuestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

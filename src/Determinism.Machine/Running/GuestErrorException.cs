namespace Determinism.Machine;

/// <summary>The guest did what no guest may: the message has the vCPU, the address and the instruction.</summary>
public class GuestErrorException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public GuestErrorException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">Why.</param>
    public GuestErrorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="innerException">The cause.</param>
    public GuestErrorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

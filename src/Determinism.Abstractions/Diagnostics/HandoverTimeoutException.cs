namespace Determinism;

/// <summary>A request for a frame stayed unanswered too long; the message says who waits for whom.</summary>
public class HandoverTimeoutException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public HandoverTimeoutException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public HandoverTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public HandoverTimeoutException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
